#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Whole files in and out.
package enum TestFile {
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    package static func write(_ bytes: [UInt8], to path: String) throws {
        guard let file = fopen(path, "wb") else { throw failure("open", path) }
        defer { fclose(file) }
        guard fwrite(bytes, 1, bytes.count, file) == bytes.count else { throw failure("write", path) }
    }

    package static func read(_ path: String) throws -> [UInt8] {
        guard let file = fopen(path, "rb") else { throw failure("open", path) }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        while true {
            let chunk = [UInt8](unsafeUninitializedCapacity: 1 << 16) { $1 = fread($0.baseAddress, 1, 1 << 16, file) }
            if chunk.isEmpty { return bytes }
            bytes += chunk
        }
    }

    /// The file as text, empty when there is none.
    package static func text(_ path: String) -> String {
        (try? read(path)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    /// There may be none.
    package static func remove(_ path: String) { unlink(path) }

    private static func failure(_ what: String, _ path: String) -> Failure {
        Failure(description: "can not \(what) \(path): \(String(cString: strerror(errno)))")
    }
}
