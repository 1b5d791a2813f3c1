#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Reads just enough of a WAL (sqlite.org/fileformat2.html#walformat) to tell what copying it will write.
enum WriteAheadLog {
    /// Bytes of a page's header in the log.
    static let frameHeader: Int64 = 24

    /// How many different pages the live part of the log holds: what a checkpoint writes to the database.
    ///
    /// A log begins with a header of 32 bytes; frames left over from before its last restart have other salts.
    static func distinctPages(path: String, pageSize: Int) -> Int {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return 0 }
        defer { close(descriptor) }
        guard let header = read(descriptor, at: 0, count: 32) else { return 0 }
        let salts = header[16..<24]
        var pages: Set<UInt32> = []
        var offset = 32
        while let frame = read(descriptor, at: offset, count: Int(frameHeader)), frame[8..<16] == salts {
            pages.insert(frame[0..<4].reduce(0) { $0 << 8 | UInt32($1) })
            offset += Int(frameHeader) + pageSize
        }
        return pages.count
    }

    private static func read(_ descriptor: Int32, at offset: Int, count: Int) -> [UInt8]? {
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            filled = unsafe max(0, pread(descriptor, buffer.baseAddress, count, off_t(offset)))
        }
        return bytes.count == count ? bytes : nil
    }
}
