#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

extension FileBytes {
    /// Writes a file anew, with these rights from its first byte on, and waits until it is on the disk. A failure
    /// leaves no file.
    package static func write(_ bytes: [UInt8], to path: String, mode: UInt32) throws(FileError) {
        // One that is there may have wider rights.
        unlink(path)
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode_t(mode))
        guard descriptor >= 0 else { throw FileError(path: path, code: errno) }
        var failure: Int32 = 0
        var count = 0
        while count < bytes.count, failure == 0 {
            let start = count
            let put = bytes.withUnsafeBytes { systemWrite(descriptor, $0.baseAddress! + start, $0.count - start) }
            if put >= 0 { count += put } else if errno != EINTR { failure = errno }
        }
        if failure == 0, fsync(descriptor) != 0 { failure = errno }
        close(descriptor)
        guard failure == 0 else {
            unlink(path)
            throw FileError(path: path, code: failure)
        }
    }

    /// Waits until the names in a folder are on the disk.
    package static func syncFolder(_ path: String) throws(FileError) {
        let folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw FileError(path: path, code: errno) }
        defer { close(folder) }
        guard fsync(folder) == 0 else { throw FileError(path: path, code: errno) }
    }
}

/// write(2), which the method above would hide.
private let systemWrite: @Sendable (Int32, UnsafeRawPointer?, Int) -> Int = { write($0, $1, $2) }
