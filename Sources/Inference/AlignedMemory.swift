/// Owns buffers that begin on cache lines, so that a frame of 64 values is one line and vectors load whole; freed
/// together with their owner.
///
/// `@unchecked Sendable`: it only frees; who may touch the buffers is the owner's matter.
struct AlignedMemory: ~Copyable, @unchecked Sendable {
    private static let alignment = 64

    private var buffers: [UnsafeMutableRawPointer] = []

    deinit {
        for buffer in buffers { buffer.deallocate() }
    }

    /// Room for `count` values, not initialised.
    mutating func allocate<Value: BitwiseCopyable>(
        _ type: Value.Type = Value.self, count: Int
    ) -> UnsafeMutablePointer<Value> {
        allocate(byteCount: count * MemoryLayout<Value>.stride).bindMemory(to: Value.self, capacity: count)
    }

    mutating func allocate(byteCount: Int) -> UnsafeMutableRawPointer {
        let buffer = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: Self.alignment)
        buffers.append(buffer)
        return buffer
    }

    /// A pointer to each row of a buffer (rows, width).
    mutating func allocatePointers(
        to buffer: UnsafeMutablePointer<Int8>, rows: Int, width: Int
    ) -> UnsafeMutablePointer<UnsafePointer<Int8>?> {
        let pointers = allocate(UnsafePointer<Int8>?.self, count: rows)
        for row in 0..<rows { (pointers + row).initialize(to: UnsafePointer(buffer + row * width)) }
        return pointers
    }
}
