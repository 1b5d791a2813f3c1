import Glibc
import SedgeCore

/// Little-endian float32 numbers without a header.
enum FloatFile {
    static func read(_ path: String) throws -> [Float] {
        let bytes = try FileBytes.read(path, limit: 1 << 30)
        guard bytes.count % 4 == 0 else { throw Refusal(description: "\(path): found \(bytes.count) bytes") }
        return bytes.withUnsafeBytes { bytes in
            (0..<bytes.count / 4).map {
                Float(bitPattern: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self)))
            }
        }
    }

    static func write(_ values: [Float], to path: String) throws {
        try write(bytes: values.flatMap { withUnsafeBytes(of: $0.bitPattern.littleEndian, Array.init) }, to: path)
    }

    static func write(bytes: [UInt8], to path: String) throws {
        guard let file = fopen(path, "wb") else { throw FileError(path: path, code: errno) }
        let written = fwrite(bytes, 1, bytes.count, file)
        guard fclose(file) == 0, written == bytes.count else { throw FileError(path: path, code: errno) }
    }
}
