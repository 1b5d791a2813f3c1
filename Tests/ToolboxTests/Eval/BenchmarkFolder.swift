import FoundationEssentials
import TestSupport

/// A folder laid out as a test says, with the smallest files that a set can have.
struct BenchmarkFolder {
    let folder = TemporaryFolder()
    var path: String { folder.path }

    /// - Parameter files: contents by path below the folder.
    init(_ files: [String: String] = [:]) throws {
        for (name, text) in files { try write(name, Array(text.utf8)) }
    }

    func write(_ name: String, _ bytes: [UInt8]) throws {
        let path = folder.file(name)
        let parent = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
        try TestFile.write(bytes, to: path)
    }

    /// float32, in the order of C.
    func write(_ name: String, shape: [Int], _ values: [Float]) throws {
        try write(
            name, type: "<f4", shape: shape,
            values.flatMap { value in (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) } })
    }

    func write(_ name: String, labels: [UInt8]) throws {
        try write(name, type: "|u1", shape: [labels.count], labels)
    }

    private func write(_ name: String, type: String, shape: [Int], _ data: [UInt8]) throws {
        let sizes = shape.map { "\($0)," }.joined(separator: " ")
        var header: [UInt8] = Array("{'descr': '\(type)', 'fortran_order': False, 'shape': (\(sizes)), }".utf8)
        header += Array(repeating: 32, count: (64 - (10 + header.count + 1) % 64) % 64) + [10]
        let length = [UInt8(header.count & 255), UInt8(header.count >> 8)]
        let magic: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0]
        try write(name, magic + length + header + data)
    }
}

/// What an error says, whatever its type.
func refusal<Value>(_ body: () throws -> Value) -> String {
    do {
        _ = try body()
        return "taken"
    } catch {
        return "\(error)"
    }
}
