internal import CKernels

/// Runs tails over rows of tapped frames: what the encoder's own last layers would give, byte for byte, were the tail
/// theirs.
///
/// Owned by one thread. Allocates nothing after `init`.
package final class TailEncoder {
    private let taps: Int
    private let channels: Int
    private let width: Int
    private let capacity: Int
    private let frames: UnsafeMutablePointer<UnsafePointer<Int8>?>  // (rows, taps)
    private let x: UnsafeMutablePointer<Int8>  // (rows, C)
    private let u: UnsafeMutablePointer<Int8>  // (rows, C)
    private let v: UnsafeMutablePointer<Int8>  // (rows, C)
    private let embedding: UnsafeMutablePointer<Int8>  // (rows, E)
    private let uRows: UnsafeMutablePointer<UnsafePointer<Int8>?>
    private let xRows: UnsafeMutablePointer<UnsafePointer<Int8>?>
    private let memory: AlignedMemory

    /// - Parameter capacity: rows that go through the layers together.
    package init(_ architecture: TCNArchitecture, capacity: Int = 64) {
        (taps, channels, width) = (architecture.kernel, architecture.channels, architecture.embedding)
        self.capacity = capacity
        var memory = AlignedMemory()
        frames = memory.allocate(count: capacity * taps)
        x = memory.allocate(count: capacity * channels)
        u = memory.allocate(count: capacity * channels)
        v = memory.allocate(count: capacity * channels)
        embedding = memory.allocate(count: capacity * width)
        uRows = memory.allocatePointers(to: u, rows: capacity, width: channels)
        xRows = memory.allocatePointers(to: x, rows: capacity, width: channels)
        self.memory = memory
    }

    /// - Parameters:
    ///   - tapped: (rows, k, C), as `StreamingEncoder.step` gives them.
    ///   - embeddings: room for (rows, E), dequantised.
    @_lifetime(embeddings: copy embeddings)
    package func embed(_ tapped: Span<Int8>, with tail: PackedTail, into embeddings: inout MutableSpan<Float>) {
        let rows = tapped.count / (taps * channels)
        precondition(tapped.count == rows * taps * channels, "tapped frames are (rows, \(taps), \(channels))")
        precondition(
            embeddings.count >= rows * width, "found room for \(embeddings.count), expected \(rows) x \(width)")
        precondition(
            tail.channels == channels && tail.taps == taps && tail.embedding == width, "a tail of another architecture")
        tapped.withUnsafeBufferPointer { tapped in
            embeddings.withUnsafeMutableBufferPointer { embeddings in
                guard let source = tapped.baseAddress, let target = embeddings.baseAddress else { return }
                var first = 0
                while first < rows {
                    run(
                        tail, rows: min(capacity, rows - first), source + first * taps * channels,
                        into: target + first * width)
                    first += capacity
                }
            }
        }
    }

    private func run(
        _ tail: PackedTail, rows: Int, _ source: UnsafePointer<Int8>, into target: UnsafeMutablePointer<Float>
    ) {
        for frame in 0..<rows * taps { frames[frame] = source + frame * channels }
        for row in 0..<rows {
            (x + row * channels).update(from: source + ((row + 1) * taps - 1) * channels, count: channels)
        }
        let table = tail.kernels.table
        tail.block.conv.run(rows: rows, frames: frames, output: u)
        tail.block.pointwise.run(rows: rows, frames: uRows, output: v)
        table.pointee.add(tail.block.addition, rows * channels, x, v, x)
        tail.projection.run(rows: rows, frames: xRows, output: embedding)
        let range = tail.embeddingRange
        table.pointee.dequantize(range.scale, Int32(range.zeroPoint), rows * width, embedding, target)
    }
}
