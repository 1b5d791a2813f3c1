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

    /// Replaces the file in one step, so that a reader sees all of it or the former one, also after a power cut. A link
    /// stays, its target is replaced; a device or a pipe is written to as it stands.
    static func write(_ bytes: [UInt8], to path: String) throws(Failure) {
        var status = stat()
        var target = path
        if stat(path, &status) == 0 {
            let kind = status.st_mode & S_IFMT
            guard kind != S_IFDIR else { throw .system("write", path: path, error: EISDIR) }
            guard kind == S_IFREG else {
                let descriptor = open(path, O_WRONLY | O_CLOEXEC)
                guard descriptor >= 0 else { throw .system("open", path: path) }
                return try put(bytes, into: descriptor, path: path)
            }
            if let resolved = realpath(path, nil) {
                target = String(cString: resolved)
                free(resolved)
            }
        } else if lstat(path, &status) == 0 {
            // A link to what is not there yet: it is made there.
            let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
            guard descriptor >= 0 else { throw .system("create", path: path) }
            return try put(bytes, into: descriptor, path: path)
        }
        let temporary = target + ".new"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw .system("create", path: path) }
        do throws(Failure) {
            try put(bytes, into: descriptor, path: path, syncs: true)
            guard rename(temporary, target) == 0 else { throw .system("write", path: path) }
        } catch {
            unlink(temporary)
            throw error
        }
        // The new name is on the disk when its folder is; one that can not be synced has the file all the same.
        try? syncFolder(FilePath.folder(of: target))
    }

    /// Writes all of it and closes the descriptor.
    /// - Parameters:
    ///   - path: for errors.
    ///   - syncs: wait until it is on the disk.
    private static func put(
        _ bytes: [UInt8], into descriptor: Int32, path: String, syncs: Bool = false
    ) throws(Failure) {
        var offset = 0
        while offset < bytes.count {
            let written = bytes.withUnsafeBytes {
                systemWrite(descriptor, $0.baseAddress! + offset, $0.count - offset)
            }
            if written < 0 && errno == EINTR { continue }
            guard written > 0 else {
                let failure = Failure.system("write", path: path)
                close(descriptor)
                throw failure
            }
            offset += written
        }
        if syncs, fsync(descriptor) != 0 {
            let failure = Failure.system("write", path: path)
            close(descriptor)
            throw failure
        }
        guard close(descriptor) == 0 else { throw .system("write", path: path) }
    }
}
