import Inference
import SedgeCore

/// An encoder and lanes that step together.
final class StreamingLoad {
    private let encoder: StreamingEncoder
    private let lanes: [Int]
    private let patches: [Float]
    private var embeddings: [Float]

    init(_ network: PackedNetwork, lanes count: Int, threads: Int) {
        let encoder = StreamingEncoder(network, threads: threads)
        encoder.tune(now: SystemTime.monotonicNanoseconds)
        self.encoder = encoder
        lanes = (0..<count).map { _ in encoder.addLane() }
        patches = .noise(count: count * network.architecture.patchValues)
        embeddings = Array(repeating: 0, count: count * network.architecture.embedding)
        // Until every ring has gone round once.
        run(steps: network.architecture.receptiveField)
    }

    /// Bytes that a lane keeps.
    var stateBytes: Int { encoder.laneStateSize }

    func run(steps: Int) {
        let (lanes, patches) = (lanes, patches)
        embeddings.withUnsafeMutableBufferPointer { buffer in
            var output = buffer.mutableSpan
            for _ in 0..<steps { encoder.step(lanes: lanes.span, patches: patches.span, embeddings: &output) }
        }
    }
}

/// An encoder and a window of one lane.
final class WindowLoad {
    private let encoder: WindowEncoder
    private let window: [Float]
    private var embeddings: [Float]

    init(_ network: PackedNetwork, steps: Int) {
        encoder = WindowEncoder(network, steps: steps)
        window = .noise(count: steps * network.architecture.patchValues)
        embeddings = Array(repeating: 0, count: steps * network.architecture.embedding)
    }

    func run(windows: Int) {
        let window = window
        embeddings.withUnsafeMutableBufferPointer { buffer in
            var output = buffer.mutableSpan
            for _ in 0..<windows { encoder.embed(window: window.span, into: &output) }
        }
    }
}

extension [Float] {
    /// Normalised values, always the same ones.
    fileprivate static func noise(count: Int) -> [Float] {
        var random = SeededRandom(seed: 1)
        return (0..<count).map { _ in Float(random.uniform() * 4 - 2) }
    }
}
