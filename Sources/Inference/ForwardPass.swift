/// One thread's way through the network: buffers for up to `capacity` rows, and the layers over them in order.
///
/// A row is one step of one lane, or one step of a window; which it is shows only in where the taps of the dilated
/// convolutions point, and that is the owner's choice.
final class ForwardPass {
    /// Where embeddings go, (rows, E).
    enum Target {
        case values(UnsafeMutablePointer<Float>)
        /// As the network makes them.
        case bytes(UnsafeMutablePointer<Int8>)
    }

    let network: PackedNetwork
    let capacity: Int
    let x: UnsafeMutablePointer<Int8>  // (rows, C)
    /// (blocks, capacity, taps): the frames that each block's convolution reads. The last tap is always the row's own
    /// x and is set here; the others are the owner's.
    let taps: UnsafeMutablePointer<UnsafePointer<Int8>?>
    /// (rows): where each row's lane stands in the ring at hand.
    let slots: UnsafeMutablePointer<Int>
    private let input: UnsafeMutablePointer<Int8>  // (rows, in·p)
    private let u: UnsafeMutablePointer<Int8>  // (rows, C)
    private let v: UnsafeMutablePointer<Int8>  // (rows, C)
    private let embedding: UnsafeMutablePointer<Int8>  // (rows, E)
    /// A pointer to each row of `input`, `u` and `x`, for the layers of one tap.
    private let inputRows: UnsafeMutablePointer<UnsafePointer<Int8>?>
    private let uRows: UnsafeMutablePointer<UnsafePointer<Int8>?>
    private let xRows: UnsafeMutablePointer<UnsafePointer<Int8>?>
    private let memory: AlignedMemory

    init(_ network: PackedNetwork, capacity: Int) {
        let architecture = network.architecture
        let (channels, values) = (architecture.channels, architecture.patchValues)
        self.network = network
        self.capacity = capacity
        var memory = AlignedMemory()
        slots = memory.allocate(count: capacity)
        input = memory.allocate(count: capacity * values)
        x = memory.allocate(count: capacity * channels)
        u = memory.allocate(count: capacity * channels)
        v = memory.allocate(count: capacity * channels)
        embedding = memory.allocate(count: capacity * architecture.embedding)
        inputRows = memory.allocatePointers(to: input, rows: capacity, width: values)
        uRows = memory.allocatePointers(to: u, rows: capacity, width: channels)
        xRows = memory.allocatePointers(to: x, rows: capacity, width: channels)
        taps = memory.allocate(count: architecture.blocks * capacity * architecture.kernel)
        for row in 0..<architecture.blocks * capacity {
            taps[(row + 1) * architecture.kernel - 1] = UnsafePointer(x + row % capacity * channels)
        }
        self.memory = memory
    }

    /// Runs `rows` rows of patches (rows, in·p).
    /// - Parameter keepsPast: whether each block's input takes the place of the oldest frame that it was computed with,
    ///   as a ring wants it.
    /// - Parameter tapped: where the frames go that the last block reads, (rows, k, C).
    func run(
        rows: Int, patches: UnsafePointer<Float>, keepsPast: Bool, into target: Target,
        tapped: UnsafeMutablePointer<Int8>? = nil
    ) {
        let architecture = network.architecture
        network.quantize(count: rows * architecture.patchValues, values: patches, output: input)
        network.stem.run(rows: rows, frames: inputRows, output: x)
        var frames = taps
        for index in network.blocks.indices {
            let block = network.blocks[index]
            if let tapped, index == network.blocks.count - 1 { copy(rows: rows, frames: frames, into: tapped) }
            block.conv.run(rows: rows, frames: frames, output: u)
            block.pointwise.run(rows: rows, frames: uRows, output: v)
            if keepsPast { keep(rows: rows, frames: frames) }
            network.add(block, count: rows * architecture.channels, x: x, v: v)
            frames += capacity * architecture.kernel
        }
        switch target {
        case .bytes(let bytes):
            network.projection.run(rows: rows, frames: xRows, output: bytes)
        case .values(let values):
            network.projection.run(rows: rows, frames: xRows, output: embedding)
            network.dequantize(count: rows * architecture.embedding, values: embedding, output: values)
        }
    }

    private func copy(
        rows: Int, frames: UnsafeMutablePointer<UnsafePointer<Int8>?>, into tapped: UnsafeMutablePointer<Int8>
    ) {
        let channels = network.architecture.channels
        for frame in 0..<rows * network.architecture.kernel {
            (tapped + frame * channels).update(from: frames[frame]!, count: channels)
        }
    }

    /// Each row of x goes to where its first tap points.
    private func keep(rows: Int, frames: UnsafeMutablePointer<UnsafePointer<Int8>?>) {
        let (channels, taps) = (network.architecture.channels, network.architecture.kernel)
        for row in 0..<rows {
            UnsafeMutablePointer(mutating: frames[row * taps]!).update(from: x + row * channels, count: channels)
        }
    }
}
