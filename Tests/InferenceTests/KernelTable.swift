import CKernels

/// A variant of the kernels as a test argument; every variant that runs here passes the same tests.
struct KernelTable: CustomStringConvertible, Sendable {
    nonisolated(unsafe) let pointer: UnsafePointer<sedge_kernels>
    var description: String { String(cString: pointer.pointee.name) }

    static let all: [KernelTable] = {
        var tables: [KernelTable] = []
        while let pointer = sedge_kernels_at(tables.count) { tables.append(KernelTable(pointer: pointer)) }
        return tables
    }()

    /// Packs and runs one convolution; frames (row)(tap)(in).
    func convolve(
        weight: [Int8], outputs: Int, inputs: Int, taps: Int, bias: [Int32], multiplier: [Float], zeroPoint: Int,
        low: Int, frames: [[[Int8]]]
    ) -> [Int8] {
        let size = pointer.pointee.packed_size(outputs, inputs, taps)
        let packed = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 64)
        let flat = frames.flatMap { $0.flatMap { $0 } }
        let guardBytes = 32
        var output = [Int8](repeating: 77, count: frames.count * outputs + guardBytes)
        defer { packed.deallocate() }
        pointer.pointee.pack(outputs, inputs, taps, weight, packed)
        bias.withUnsafeBufferPointer { bias in
            multiplier.withUnsafeBufferPointer { multiplier in
                flat.withUnsafeBufferPointer { flat in
                    let pointers = (0..<frames.count * taps).map { index in flat.baseAddress.map { $0 + index * inputs }
                    }
                    var layer = sedge_convolution(
                        outputs: outputs, inputs: inputs, taps: taps, packed: packed, bias: bias.baseAddress,
                        multiplier: multiplier.baseAddress, zero_point: Int32(zeroPoint), low: Int32(low))
                    pointer.pointee.convolve(&layer, frames.count, pointers, &output)
                }
            }
        }
        precondition(output.suffix(guardBytes).allSatisfy { $0 == 77 }, "\(self) wrote past its output")
        return Array(output.dropLast(guardBytes))
    }
}
