import SedgeCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The few things the store asks of the file system beside SQLite.
enum FileSystem {
    /// The whole file, or its first bytes; nil when there is none.
    static func read(_ path: String, atMost limit: Int) throws(StoreError) -> [UInt8]? {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        if descriptor < 0 {
            if errno == ENOENT { return nil }
            throw StoreError(errno: errno, "can not be opened", path: path)
        }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: limit)
        var count = 0
        while count < limit {
            let start = count
            let got = unsafe bytes.withUnsafeMutableBytes {
                unsafe pread(descriptor, $0.baseAddress! + start, limit - start, off_t(start))
            }
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else { throw StoreError(errno: errno, "can not be read", path: path) }
            if got == 0 { break }
            count += got
        }
        return Array(bytes[..<count])
    }

    /// Writes a file anew and waits until its bytes are on the disk. A failure leaves no file.
    static func writeDurably(_ bytes: [UInt8], to path: String) throws(StoreError) {
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else { throw StoreError(errno: errno, "can not be created", path: path) }
        var failure: Int32 = 0
        var count = 0
        while count < bytes.count, failure == 0 {
            let start = count
            let put = unsafe bytes.withUnsafeBytes {
                unsafe write(descriptor, $0.baseAddress! + start, $0.count - start)
            }
            if put >= 0 { count += put } else if errno != EINTR { failure = errno }
        }
        if failure == 0, fsync(descriptor) != 0 { failure = errno }
        close(descriptor)
        guard failure == 0 else {
            unsafe unlink(path)
            throw StoreError(errno: failure, "can not be written", path: path)
        }
    }

    /// Renames over whatever is there. Durable after `syncFolder`.
    static func move(_ path: String, to target: String) throws(StoreError) {
        guard unsafe rename(path, target) == 0 else {
            throw StoreError(errno: errno, "can not be renamed to \(target)", path: path)
        }
    }

    static func remove(_ path: String) { unsafe unlink(path) }

    /// Makes names in the folder of `path` durable: created, renamed, removed.
    static func syncFolder(of path: String) throws(StoreError) {
        let folder = FilePath.folder(of: path)
        let descriptor = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw StoreError(errno: errno, "can not be opened", path: folder) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw StoreError(errno: errno, "can not be synced", path: folder) }
    }

    /// Bytes; 0 when there is no file.
    static func size(_ path: String) throws(StoreError) -> Int64 {
        var status = stat()
        if unsafe stat(path, &status) != 0 {
            if errno == ENOENT { return 0 }
            throw StoreError(errno: errno, "can not be looked at", path: path)
        }
        return Int64(status.st_size)
    }

    static func exists(_ path: String) throws(StoreError) -> Bool {
        if unsafe access(path, F_OK) == 0 { return true }
        guard errno == ENOENT else { throw StoreError(errno: errno, "can not be looked at", path: path) }
        return false
    }

    /// Names of a folder's entries; none when it can not be read.
    static func names(in folder: String) -> [String] {
        guard let stream = unsafe opendir(folder) else { return [] }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            names.append(
                unsafe withUnsafeBytes(of: &entry.pointee.d_name) {
                    unsafe String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
                })
        }
        return names
    }
}
