import SedgeCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What shows that a file is another one than before, however it was replaced. Symbolic links are followed.
struct FileStamp: Equatable, Sendable {
    private var device: UInt64 = 0
    private var inode: UInt64 = 0
    private var size: Int64 = 0
    /// Nanoseconds since 1970: of the content, and of the content, the name or the owner.
    private var modified: Int64 = 0
    private var changed: Int64 = 0

    static let absent = FileStamp()

    private init() {}

    /// A file that is not there has the stamp `absent`.
    init(_ path: String) {
        var found = stat()
        guard stat(path, &found) == 0 else { return }
        device = UInt64(found.st_dev)
        inode = UInt64(found.st_ino)
        size = Int64(found.st_size)
        modified = Int64(found.st_mtim.tv_sec) * 1_000_000_000 + Int64(found.st_mtim.tv_nsec)
        changed = Int64(found.st_ctim.tv_sec) * 1_000_000_000 + Int64(found.st_ctim.tv_nsec)
    }
}
