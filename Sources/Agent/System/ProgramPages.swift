import SedgeCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The pages of the program and of its libraries, which the kernel shares with its cache of files.
package enum ProgramPages {
    /// Gives back all that nothing was written to. What runs is mapped again at once, without reading from the disk as
    /// long as memory is not short; what only the start has needed, more than half, stays away.
    ///
    /// Mappings with pages of their own are left alone: the tables that the dynamic linker has filled in and then
    /// protected would be lost.
    package static func release() {
        guard let text = try? FileBytes.read("/proc/self/smaps", limit: 1 << 20) else { return }
        var mapping: Range<UInt>?
        for line in String(decoding: text, as: UTF8.self).split(separator: "\n") {
            let fields = line.split(separator: " ", omittingEmptySubsequences: true)
            if fields.count >= 6, let range = range(fields[0]) {
                mapping = fields[1].contains("w") || !fields[5].hasPrefix("/") ? nil : range
            } else if let range = mapping, fields.count >= 2, fields[0] == "Anonymous:" {
                if fields[1] == "0" {
                    madvise(UnsafeMutableRawPointer(bitPattern: range.lowerBound), range.count, MADV_DONTNEED)
                }
                mapping = nil
            }
        }
    }

    private static func range(_ text: Substring) -> Range<UInt>? {
        let ends = text.split(separator: "-")
        guard ends.count == 2, let start = UInt(ends[0], radix: 16), let end = UInt(ends[1], radix: 16), start < end
        else { return nil }
        return start..<end
    }
}
