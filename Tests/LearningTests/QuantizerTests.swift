import Learning
import SedgeCore
import Testing

struct QuantizerTests {
    @Test func weightsComeBackWithinHalfAStepAndNeverAsTheForbiddenValue() {
        var random = SeededRandom(seed: 41)
        let weight = (0..<6 * 20).map { Float(random.standardNormal()) * Float(1 + $0 / 20) }
        let quantized = QuantizedWeight(weight, outputs: 6)
        #expect(quantized.values.allSatisfy { $0 != -128 })
        for (index, (value, back)) in zip(weight, quantized.dequantized).enumerated() {
            let scale = quantized.scales[index / 20]
            let limit = 127 * scale
            #expect(abs(max(-limit, min(limit, value)) - back) <= 0.5001 * scale)
        }
        // Rounding alone costs 1 % at this width; clipping may only make it better.
        let error = zip(weight, quantized.dequantized).reduce(Float(0)) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        let norm = weight.reduce(Float(0)) { $0 + $1 * $1 }
        #expect((error / norm).squareRoot() < 0.01)
    }

    @Test func aChannelOfZerosKeepsAUsableScale() {
        let quantized = QuantizedWeight([0, 0, 0, 1, -1, 0.5], outputs: 2)
        #expect(quantized.scales[0] == 1)
        #expect(quantized.values[..<3].allSatisfy { $0 == 0 })
        #expect(quantized.scales[1] > 0)
    }

    @Test func zeroIsExactInEveryRange() {
        for (low, high) in [(-1, 3), (0, 5), (-7, 0), (2, 9), (-4, -1), (0, 0)] as [(Float, Float)] {
            let range = ActivationRange(low: low, high: high)
            #expect(range.dequantize(range.quantize(0)) == 0, "\(low)…\(high)")
        }
        #expect(ActivationRange(low: 0, high: 255).zeroPoint == -128)
        #expect(ActivationRange(symmetric: 8).quantize(8) == 127)
    }

    /// A 255th of the smallest numbers is 0, and of somewhat larger ones a scale that no bundle may have.
    @Test(arguments: [.leastNonzeroMagnitude, 0x1p-133, 1e-29] as [Float])
    func whatIsAllButZeroKeepsAUsableScale(magnitude: Float) {
        let range = ActivationRange(low: -magnitude, high: magnitude)
        #expect(range.scale == 1)
        #expect(range.dequantize(range.quantize(magnitude)) == 0)
        #expect(ActivationRange(symmetric: magnitude).scale == 1)
    }

    @Test func calibrationCutsARareOutlierThatARangeWouldPayFor() {
        var random = SeededRandom(seed: 42)
        var calibrator = RangeCalibrator()
        for _ in 0..<10 { calibrator.observe((0..<10_000).map { _ in Float(abs(random.standardNormal())) }) }
        let tight = calibrator.leastSquaresRange()
        #expect(tight.zeroPoint == -128)
        calibrator.observe([12])
        let withOutlier = calibrator.leastSquaresRange()
        #expect(withOutlier.scale * 255 < 11)
        #expect(withOutlier.scale * 255 >= tight.scale * 255 * 0.9)
    }

    @Test func percentilesAreThoseOfTheValuesAcrossWideningBins() {
        var calibrator = RangeCalibrator()
        calibrator.observe([0.5])
        calibrator.observe((0..<100_000).map { Float($0) / 1000 })
        let (low, high) = calibrator.percentileRange(excess: 0.02)
        #expect(abs(low - 1) < 0.1)
        #expect(abs(high - 99) < 0.1)
        #expect(calibrator.high == 99.999)
    }

    @Test func foldingKeepsTheFunction() {
        var random = SeededRandom(seed: 43)
        let gemm = PlainMatrixMultiply()
        var network = TemporalConvolutionalNetwork(
            NetworkShape(patch: 4, channels: 6, blocks: 3, embedding: 5), random: &random)
        network.forEachParameter { parameter in
            for index in parameter.value.indices { parameter.value[index] += Float(random.standardNormal()) * 0.2 }
        }
        let x = GradientCheck.normal(60, 4, &random)
        // Some batches move the running statistics away from where they began.
        for _ in 0..<5 { _ = network.forward(GradientCheck.normal(60, 4, &random), lanes: 3, .training, using: gemm) }
        let expected = network.forward(x, lanes: 3, .inference, using: gemm)
        let folded = FoldedNetwork(network).forward(x, lanes: 3, using: gemm)
        for (a, b) in zip(expected.values, folded.values) { #expect(abs(a - b) < 1e-3) }
    }

    @Test func bundleOrderIsOutInTap() {
        let layer = FoldedLayer(
            taps: 2, outputs: 2, inputs: 3, dilation: 1, weight: (0..<12).map(Float.init), bias: [0, 0])
        #expect(layer.bundleOrder == [0, 6, 1, 7, 2, 8, 3, 9, 4, 10, 5, 11])
    }
}
