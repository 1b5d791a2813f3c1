/// Runs an int8 encoder over whole windows of consecutive steps with no past before them: the bytes that a fresh lane
/// of a `StreamingEncoder` would give, layer by layer instead of step by step. For training, checks and comparisons,
/// not for the hot path.
///
/// Owned by one thread. Nothing is allocated while windows are no longer than the longest one so far.
package final class WindowEncoder {
    package let network: PackedNetwork
    private var pass: ForwardPass
    /// (blocks, C): what stands before the first step of each block's input.
    private let past: UnsafeMutablePointer<Int8>
    private let memory: AlignedMemory

    package convenience init(bundle: ModelBundle, kernels: KernelSet, steps: Int = 0) {
        self.init(PackedNetwork(bundle: bundle, kernels: kernels), steps: steps)
    }

    /// - Parameter steps: of the longest window that will come, where it is known.
    package init(_ network: PackedNetwork, steps: Int = 0) {
        self.network = network
        let channels = network.architecture.channels
        var memory = AlignedMemory()
        past = memory.allocate(count: network.blocks.count * channels)
        for (index, block) in network.blocks.enumerated() {
            (past + index * channels).initialize(repeating: block.inputZeroPoint, count: channels)
        }
        self.memory = memory
        pass = Self.pass(network, steps: steps, past: past)
    }

    package var architecture: TCNArchitecture { network.architecture }

    /// - Parameters:
    ///   - window: (steps, in·p) normalised.
    ///   - embeddings: room for (steps, E), dequantised.
    @_lifetime(embeddings: copy embeddings)
    package func embed(window: Span<Float>, into embeddings: inout MutableSpan<Float>) {
        embeddings.withUnsafeMutableBufferPointer {
            run(window, room: $0.count, into: $0.baseAddress.map { .values($0) })
        }
    }

    /// As above, with the embeddings as the network makes them: int8.
    @_lifetime(bytes: copy bytes)
    package func embed(window: Span<Float>, into bytes: inout MutableSpan<Int8>) {
        bytes.withUnsafeMutableBufferPointer {
            run(window, room: $0.count, into: $0.baseAddress.map { .bytes($0) })
        }
    }

    /// The embeddings of a window, (steps, E), dequantised.
    package func embed(window: Span<Float>) -> [Float] {
        let count = window.count / architecture.patchValues * architecture.embedding
        return [Float](unsafeUninitializedCapacity: count) { values, initialized in
            run(window, room: count, into: values.baseAddress.map { .values($0) })
            initialized = count
        }
    }

    /// As the network makes them.
    package func embedBytes(window: Span<Float>) -> [Int8] {
        let count = window.count / architecture.patchValues * architecture.embedding
        return [Int8](unsafeUninitializedCapacity: count) { bytes, initialized in
            run(window, room: count, into: bytes.baseAddress.map { .bytes($0) })
            initialized = count
        }
    }

    private func run(_ window: Span<Float>, room: Int, into target: ForwardPass.Target?) {
        let values = architecture.patchValues
        let steps = window.count / values
        precondition(window.count == steps * values, "found \(window.count) values, expected a multiple of \(values)")
        precondition(
            room >= steps * architecture.embedding,
            "found room for \(room) values, expected \(steps) x \(architecture.embedding)")
        if steps > pass.capacity { pass = Self.pass(network, steps: steps, past: past) }
        guard let target else { return }
        window.withUnsafeBufferPointer { window in
            guard let patches = window.baseAddress else { return }
            pass.run(rows: steps, patches: patches, keepsPast: false, into: target)
        }
    }

    /// A pass whose taps point into the window itself, and before its first step at the past.
    private static func pass(
        _ network: PackedNetwork, steps: Int, past: UnsafeMutablePointer<Int8>
    ) -> ForwardPass {
        let pass = ForwardPass(network, capacity: steps)
        let (channels, taps) = (network.architecture.channels, network.architecture.kernel)
        var frames = pass.taps
        for block in network.blocks.indices {
            let dilation = network.architecture.dilation(ofBlock: block)
            for step in 0..<steps {
                for tap in 0..<taps - 1 {
                    let source = step - (taps - 1 - tap) * dilation
                    frames[tap] = UnsafePointer(source < 0 ? past + block * channels : pass.x + source * channels)
                }
                frames += taps
            }
        }
        return pass
    }
}
