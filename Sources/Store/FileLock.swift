#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The right to be the only process with a database open: an exclusive `flock` on `<path>.lock`.
///
/// The kernel lets go of it when the process ends, however it ends, so a lock is never stale. The file stays:
/// removing it would let two processes lock two files of one name.
struct FileLock: ~Copyable {
    private let descriptor: Int32

    init(for path: String) throws(StoreError) {
        let name = "\(path).lock"
        descriptor = unsafe open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else {
            throw StoreError(errno: errno, "can not be created beside the database", path: name)
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let number = errno
            guard number == EWOULDBLOCK else { throw StoreError(errno: number, "can not be locked", path: name) }
            throw StoreError(.locked, code: -number, "another process has the database open", path: path)
        }
    }

    deinit {
        guard descriptor >= 0 else { return }
        // Closing is not enough: a program that this one is just starting still holds a copy.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }
}
