import Glibc
import Ingest

/// Lays payloads right before an unmapped page, with exactly the padding that codecs may read: one byte further and
/// the process dies.
final class GuardedPayload {
    private let pages: UnsafeMutableRawPointer
    private let readable: Int
    private let pageSize = 4096

    init(capacity: Int) {
        readable = (capacity + payloadPadding + pageSize - 1) / pageSize * pageSize
        let found = mmap(
            nil, readable + pageSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        precondition(found != MAP_FAILED, "mmap failed: \(errno)")
        pages = found!
        precondition(mprotect(pages + readable, pageSize, PROT_NONE) == 0, "mprotect failed: \(errno)")
    }

    deinit { munmap(pages, readable + pageSize) }

    /// The bytes, followed by padding of `filler`; they stay until the next call.
    func place(_ bytes: [UInt8], filler: UInt8 = 0x31) -> UnsafeRawBufferPointer {
        let start = pages + readable - payloadPadding - bytes.count
        bytes.withUnsafeBytes { start.copyMemory(from: $0.baseAddress ?? UnsafeRawPointer(start), byteCount: $0.count) }
        memset(pages + readable - payloadPadding, Int32(filler), payloadPadding)
        return UnsafeRawBufferPointer(start: start, count: bytes.count)
    }
}
