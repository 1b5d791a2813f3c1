/// The buffers of one batch, allocated once for a number of rows.
final class Scratch {
    let rows: Int
    let input: UnsafeMutablePointer<Int8>  // (rows, in·p)
    let x: UnsafeMutablePointer<Int8>  // (rows, C)
    let u: UnsafeMutablePointer<Int8>  // (rows, C)
    let v: UnsafeMutablePointer<Int8>  // (rows, C)
    let embedding: UnsafeMutablePointer<Int8>  // (rows, E)
    let frames: UnsafeMutablePointer<UnsafePointer<Int8>?>  // (rows, taps)
    /// Rows of `embedding` that the last step filled.
    var filledRows = 0

    init(_ architecture: TCNArchitecture, rows: Int) {
        self.rows = rows
        input = .allocate(capacity: rows * architecture.patchValues)
        x = .allocate(capacity: rows * architecture.channels)
        u = .allocate(capacity: rows * architecture.channels)
        v = .allocate(capacity: rows * architecture.channels)
        embedding = .allocate(capacity: rows * architecture.embedding)
        frames = .allocate(capacity: rows * architecture.kernel)
    }

    deinit {
        input.deallocate()
        x.deallocate()
        u.deallocate()
        v.deallocate()
        embedding.deallocate()
        frames.deallocate()
    }
}
