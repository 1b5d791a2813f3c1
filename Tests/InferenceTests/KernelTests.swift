import CKernels
import Inference
import SedgeCore
import Testing

/// Every variant against the reference, over seeded sizes and the extremes.
struct KernelTests {
    /// Outputs, inputs, taps, rows: nothing, one, odd tails on both sides of a tile, the reference size.
    static let sizes: [(Int, Int, Int, Int)] = [
        (0, 4, 1, 3), (5, 0, 1, 2), (5, 3, 1, 0), (1, 1, 1, 1), (2, 1, 3, 5), (15, 7, 3, 2), (16, 16, 3, 4),
        (17, 33, 2, 3), (31, 5, 3, 1), (33, 64, 1, 7), (48, 9, 16, 2), (64, 64, 3, 4), (65, 31, 3, 5),
    ]

    @Test(arguments: KernelTable.all, sizes)
    func convolvesAsTheReference(kernels: KernelTable, size: (Int, Int, Int, Int)) {
        let (outputs, inputs, taps, rows) = size
        var random = SeededRandom(seed: UInt64(outputs * 1009 + inputs * 31 + taps * 7 + rows))
        for zeroPoint in [-128, -1, 0, 17, 127] {
            let weight = (0..<outputs * inputs * taps).map { _ in Int8.random(in: -127...127, using: &random) }
            let bias = (0..<outputs).map { _ in Int32.random(in: -5000...5000, using: &random) }
            let multiplier = (0..<outputs).map { _ in Float.random(in: 1e-5...4e-3, using: &random) }
            let frames = (0..<rows).map { _ in
                (0..<taps).map { _ in (0..<inputs).map { _ in Int8.random(in: -128...127, using: &random) } }
            }
            for low in [-128, zeroPoint] {
                let found = kernels.convolve(
                    weight: weight, outputs: outputs, inputs: inputs, taps: taps, bias: bias, multiplier: multiplier,
                    zeroPoint: zeroPoint, low: low, frames: frames)
                let expected = KernelReference.convolve(
                    weight: weight, outputs: outputs, bias: bias, multiplier: multiplier, zeroPoint: zeroPoint,
                    low: low, frames: frames)
                #expect(found == expected, "zero point \(zeroPoint), low \(low)")
            }
        }
    }

    /// The largest sums that int8 can make: a kernel that adds in 16 bits or saturates on the way fails here.
    @Test(arguments: KernelTable.all, [(Int8(127), Int8(127)), (127, -128), (-127, 127), (-127, -128)])
    func extremesDoNotOverflow(kernels: KernelTable, values: (weight: Int8, input: Int8)) {
        let (outputs, inputs, taps) = (17, 67, 3)
        let weight = [Int8](repeating: values.weight, count: outputs * inputs * taps)
        let frames = [[[Int8]]](
            repeating: [[Int8]](repeating: [Int8](repeating: values.input, count: inputs), count: taps), count: 2)
        let total = Float(Int(values.weight) * Int(values.input) * inputs * taps)
        let found = kernels.convolve(
            weight: weight, outputs: outputs, inputs: inputs, taps: taps, bias: [Int32](repeating: 0, count: outputs),
            multiplier: [Float](repeating: 100 / total.magnitude, count: outputs), zeroPoint: 0, low: -128,
            frames: frames)
        #expect(found == [Int8](repeating: total < 0 ? -100 : 100, count: outputs * 2))
    }

    /// One input and a weight of 1 with multiplier ½ puts every odd sum on a tie.
    @Test(arguments: KernelTable.all)
    func tiesRoundToEven(kernels: KernelTable) {
        let sums = Array(-7...7)
        let found = sums.map { sum in
            kernels.convolve(
                weight: [1], outputs: 1, inputs: 1, taps: 1, bias: [0], multiplier: [0.5], zeroPoint: 3, low: -128,
                frames: [[[Int8(sum)]]])[0]
        }
        // Of -3.5 -3 -2.5 -2 -1.5 -1 -0.5 0 0.5 1 1.5 2 2.5 3 3.5, with the zero point.
        #expect(found == [-1, 0, 1, 1, 1, 2, 3, 3, 3, 4, 5, 5, 5, 6, 7])
    }

    @Test(arguments: KernelTable.all)
    func sumsBeyondTheRangeSaturate(kernels: KernelTable) {
        for (bias, expected) in [(Int32.max, Int8(127)), (Int32.min + 1, -128)] {
            let found = kernels.convolve(
                weight: [0], outputs: 1, inputs: 1, taps: 1, bias: [bias], multiplier: [1e30], zeroPoint: 5, low: -128,
                frames: [[[1]]])
            #expect(found == [expected])
        }
    }

    @Test(arguments: KernelTable.all, [0, 1, 7, 16, 63, 64, 65, 200])
    func addsAsTheReference(kernels: KernelTable, count: Int) {
        var random = SeededRandom(seed: UInt64(count) + 1)
        for zeroPoint in [-128, -3, 0, 127] {
            let left = (0..<count).map { _ in Int8.random(in: -128...127, using: &random) }
            let right = (0..<count).map { _ in Int8.random(in: -128...127, using: &random) }
            // 0.5 and 1 make ties, the others anything.
            for multipliers in [(Float(0.5), Float(1)), (Float.random(in: 0.01...2, using: &random), 0.731)] {
                for low in [-128, zeroPoint] {
                    var addition = sedge_addition(
                        left_multiplier: multipliers.0, right_multiplier: multipliers.1, left_zero_point: -128,
                        right_zero_point: 9, zero_point: Int32(zeroPoint), low: Int32(low))
                    var found = left
                    found.withUnsafeMutableBufferPointer { buffer in
                        // In place, as the encoder calls it.
                        kernels.pointer.pointee.add(&addition, count, buffer.baseAddress, right, buffer.baseAddress)
                    }
                    let expected = zip(left, right).map { left, right in
                        KernelReference.requantize(
                            KernelReference.sum(
                                KernelReference.product(Float(Int(left) + 128), multipliers.0),
                                KernelReference.product(Float(Int(right) - 9), multipliers.1)),
                            zeroPoint: zeroPoint, low: low)
                    }
                    #expect(found == expected, "zero point \(zeroPoint), low \(low), multipliers \(multipliers)")
                }
            }
        }
    }

    @Test(arguments: KernelTable.all)
    func quantizesAsTheReference(kernels: KernelTable) {
        var random = SeededRandom(seed: 5)
        var values: [Float] = [
            0, -0.0, 0.5, 1.5, 2.5, -0.5, -1.5, 126.5, 127.5, -128.5, .leastNonzeroMagnitude, 3e38, -3e38,
        ]
        values += (0..<50).map { _ in Float.random(in: -200...200, using: &random) }
        for (inverse, zeroPoint) in [(Float(1), 0), (1, -128), (1, 127), (13.37, -5), (0.01, 90)] {
            var found = [Int8](repeating: 0, count: values.count)
            kernels.pointer.pointee.quantize(inverse, Int32(zeroPoint), values.count, values, &found)
            let expected = values.map {
                KernelReference.requantize(KernelReference.product($0, inverse), zeroPoint: zeroPoint, low: -128)
            }
            #expect(found == expected, "1 / \(inverse), zero point \(zeroPoint)")
        }
    }

    @Test(arguments: KernelTable.all)
    func infinitiesSaturateAndNaNIsZero(kernels: KernelTable) {
        var found = [Int8](repeating: 0, count: 4)
        kernels.pointer.pointee.quantize(10, 21, 4, [.infinity, -.infinity, .nan, .signalingNaN], &found)
        #expect(found == [127, -128, 21, 21])
    }

    @Test(arguments: KernelTable.all)
    func dequantizesEveryByte(kernels: KernelTable) {
        let bytes = Array(Int8.min...Int8.max)
        var found = [Float](repeating: 0, count: bytes.count)
        kernels.pointer.pointee.dequantize(0.3, -7, bytes.count, bytes, &found)
        #expect(found == bytes.map { KernelReference.product(0.3, Float(Int($0) + 7)) })
    }
}

/// The choice of a variant.
struct KernelSetTests {
    @Test func everyAvailableVariantIsSelectedByName() throws {
        #expect(KernelSet.available.contains("scalar"))
        for name in KernelSet.available { #expect(try KernelSet.select(name).name == name) }
    }

    @Test func autoTakesOneThatRuns() throws {
        #expect(KernelSet.available.contains(try KernelSet.select("auto").name))
        #expect(try KernelSet.select(nil).name == KernelSet.select("auto").name)
    }

    @Test func anUnknownNameIsRefusedWithWhatCanRun() {
        let error = #expect(throws: KernelError.self) { try KernelSet.select("quantum") }
        let names = (["auto"] + KernelSet.available).joined(separator: ", ")
        #expect(error?.description == "kernel: found \"quantum\", expected \(names)")
    }

    /// A name that is right on another processor.
    @Test func aKernelThatCanNotRunHereIsToldApart() {
        #if arch(x86_64)
            let name = "neon"
        #else
            let name = "avx2"
        #endif
        let error = #expect(throws: KernelError.self) { try KernelSet.select(name) }
        let names = (["auto"] + KernelSet.available).joined(separator: ", ")
        #expect(error?.description == "kernel: this processor cannot run \(name), expected \(names)")
    }

    @Test func anEndlessNameIsCutShort() {
        let error = #expect(throws: KernelError.self) {
            try KernelSet.select(String(repeating: "x", count: 10_000))
        }
        #expect((error?.description.utf8.count ?? 0) < 192)
    }
}
