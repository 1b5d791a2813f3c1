import SedgeCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// write(2), which the method below would hide.
private let systemWrite: @Sendable (Int32, UnsafeRawPointer?, Int) -> Int = { write($0, $1, $2) }

extension FileBytes {
    /// Recordings are read whole; this is more than a workstation would want in memory.
    static let largest = 8 << 30

    /// A whole file; a failure ends the program with the status for I/O.
    static func contents(of path: String, limit: Int = largest) throws(Failure) -> [UInt8] {
        do {
            return try read(path, limit: limit)
        } catch {
            throw Failure(.io, "cannot read \(error)")
        }
    }

    /// Replaces the file in one step, so that a reader sees all of it or the former one.
    static func write(_ bytes: [UInt8], to path: String) throws(Failure) {
        let temporary = path + ".new"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw .system("create", path: path) }
        var offset = 0
        while offset < bytes.count {
            let written = bytes.withUnsafeBytes {
                systemWrite(descriptor, $0.baseAddress! + offset, $0.count - offset)
            }
            if written < 0 && errno == EINTR { continue }
            guard written > 0 else {
                let failure = Failure.system("write", path: path)
                close(descriptor)
                unlink(temporary)
                throw failure
            }
            offset += written
        }
        guard close(descriptor) == 0, rename(temporary, path) == 0 else { throw .system("write", path: path) }
    }
}
