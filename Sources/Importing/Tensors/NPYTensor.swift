/// NumPy's .npy of float32 or float64, C order, any rank: reference inputs and outputs.
package enum NPYTensor {
    package static func read(_ bytes: [UInt8], path: String) throws(ImportError) -> Tensor {
        func error(_ found: String, _ expected: String) -> ImportError {
            ImportError(path, found: found, expected: expected)
        }
        guard bytes.count >= 12, bytes.starts(with: [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59]) else {
            throw error("no NumPy magic", "an .npy file")
        }
        let isLong = bytes[6] > 1
        let start = isLong ? 12 : 10
        let length = (0..<(isLong ? 4 : 2)).reduce(0) { $0 | Int(bytes[8 + $1]) << (8 * $1) }
        guard length <= bytes.count - start else { throw error("a truncated header", "\(length) bytes of it") }
        let header = String(decoding: bytes[start..<start + length], as: UTF8.self)
        let size: Int
        if header.contains("'<f4'") {
            size = 4
        } else if header.contains("'<f8'") {
            size = 8
        } else {
            throw error("dtype in \(ImportError.quoted(header))", "'<f4' or '<f8'")
        }
        guard header.contains("'fortran_order': False") else { throw error("Fortran order", "C order") }
        guard let open = header.firstIndex(of: "("), let close = header[open...].firstIndex(of: ")") else {
            throw error("no shape in \(ImportError.quoted(header))", "a shape")
        }
        let dimensions = header[header.index(after: open)..<close].split(whereSeparator: { $0 == "," || $0 == " " })
        let shape = dimensions.compactMap { Int($0) }
        guard shape.count == dimensions.count, let count = Tensor.count(shape) else {
            throw error("shape \(ImportError.quoted(String(header[open...close])))", "sizes of a small array")
        }
        guard bytes.count == start + length + count * size else {
            throw error("\(bytes.count) bytes", "\(start + length + count * size) for shape \(shape)")
        }
        let values: [Float] = bytes.withUnsafeBytes { raw in
            let data = UnsafeRawBufferPointer(rebasing: raw[(start + length)...])
            return (0..<count).map { index in
                size == 4
                    ? Float(
                        bitPattern: UInt32(littleEndian: data.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self))
                    )
                    : Float(
                        Double(
                            bitPattern: UInt64(
                                littleEndian: data.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self))))
            }
        }
        return Tensor(values, shape: shape)
    }
}
