import Inference
import Preprocessing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Channels on their way through normaliser and encoder, a step a sample, summed up over windows.
///
/// Owned by one thread.
final class WindowStream {
    /// Scales far below this are as good as none; it keeps the logarithm of a constant channel within bounds.
    private static let floor = 1e-4
    /// Levels and scales beyond this are as good as infinite.
    private static let ceiling = 1e6

    private let engine: Engine
    /// Of the first channels; the others are only normalised.
    private let lanes: [Int]
    private let fresh: Normalizer
    private var normalizers: [Normalizer]
    private var patches: [Float]  // (channels, patch)
    /// Embeddings of the last steps, the newest last.
    private var recent: [[Float]] = []
    /// Samples since the beginning.
    private var seen = 0
    /// With an engine that embeds whole sequences: the patches since the beginning, (steps, lanes, patch).
    private var sequence: [Float] = []

    enum Engine {
        case streaming(StreamingEncoder)
        case whole(any WindowEmbedder)

        var patch: Int {
            switch self {
            case .streaming(let encoder): encoder.architecture.patch
            case .whole(let embedder): embedder.patch
            }
        }

        var embedding: Int {
            switch self {
            case .streaming(let encoder): encoder.architecture.embedding
            case .whole(let embedder): embedder.embedding
            }
        }
    }

    convenience init(_ network: PackedNetwork, _ normalizer: Normalizer, channels: Int, embedded: Int) {
        self.init(.streaming(StreamingEncoder(network)), normalizer, channels: channels, embedded: embedded)
    }

    init(_ engine: Engine, _ normalizer: Normalizer, channels: Int, embedded: Int) {
        self.engine = engine
        switch engine {
        case .streaming(let encoder): lanes = (0..<embedded).map { _ in encoder.addLane() }
        case .whole: lanes = Array(0..<embedded)
        }
        fresh = normalizer
        normalizers = Array(repeating: normalizer, count: channels)
        patches = Array(repeating: 0, count: channels * engine.patch)
    }

    /// Forgets all that was seen.
    func reset() {
        if case .streaming(let encoder) = engine { for lane in lanes { encoder.resetLane(lane) } }
        sequence.removeAll(keepingCapacity: true)
        for channel in normalizers.indices { normalizers[channel] = fresh }
        for index in patches.indices { patches[index] = 0 }
        recent.removeAll(keepingCapacity: true)
        seen = 0
    }

    /// - Parameters:
    ///   - channels: the samples that are new, (channels, samples).
    ///   - count: samples of the window, of which the new ones are the last.
    /// - Returns: for each channel the mean embedding (where it has one) over the steps whose patch lies within the
    ///   window, and level, scale and its logarithm at the end; then products of levels and of logarithms, two by two.
    func features(reading channels: [[Double]], window count: Int) -> [Double] {
        let patch = engine.patch
        let steps = max(1, count - patch + 1)
        for index in channels[0].indices {
            append(channels, index)
            // A window that is shorter than a patch is read at its end, as if zeros (the level) stood before it.
            if seen >= patch || index == channels[0].count - 1 { step() }
        }
        if case .whole(let embedder) = engine, !sequence.isEmpty { embedAll(embedder, last: steps) }
        if recent.count > steps { recent.removeFirst(recent.count - steps) }
        return summary()
    }

    private func append(_ channels: [[Double]], _ index: Int) {
        let patch = engine.patch
        for channel in channels.indices {
            let start = channel * patch
            for position in start..<start + patch - 1 { patches[position] = patches[position + 1] }
            patches[start + patch - 1] = normalizers[channel].normalize(channels[channel][index])
        }
        seen += 1
    }

    private func step() {
        guard !lanes.isEmpty else { return }
        guard case .streaming(let encoder) = engine else {
            sequence += patches[..<(lanes.count * engine.patch)]
            return
        }
        let (lanes, patches) = (lanes, patches)
        var embeddings = [Float](repeating: 0, count: lanes.count * engine.embedding)
        var target = embeddings.mutableSpan
        encoder.step(lanes: lanes.span, patches: patches.span, embeddings: &target)
        recent.append(embeddings)
    }

    private func embedAll(_ embedder: any WindowEmbedder, last steps: Int) {
        let width = lanes.count * embedder.embedding
        let embeddings = embedder.embed(patches: sequence, lanes: lanes.count)
        let count = embeddings.count / width
        recent = (max(0, count - steps)..<count).map { Array(embeddings[$0 * width..<($0 + 1) * width]) }
    }

    private func summary() -> [Double] {
        let width = engine.embedding
        var sums = [Double](repeating: 0, count: lanes.count * width)
        for embedding in recent { for index in sums.indices { sums[index] += Double(embedding[index]) } }
        let share = 1 / Double(max(1, recent.count))
        let levels = normalizers.map { max(-Self.ceiling, min(Self.ceiling, $0.level)) }
        let scales = normalizers.map { min(Self.ceiling, $0.scale) }
        let logarithms = scales.map { log($0 + Self.floor) }
        var features: [Double] = []
        features.reserveCapacity(sums.count + normalizers.count * (normalizers.count + 4))
        for channel in normalizers.indices {
            if channel < lanes.count {
                for index in channel * width..<(channel + 1) * width { features.append(sums[index] * share) }
            }
            features += [levels[channel], scales[channel], logarithms[channel]]
        }
        for channel in normalizers.indices {
            for other in 0...channel {
                features.append(levels[channel] * levels[other])
                features.append(logarithms[channel] * logarithms[other])
            }
        }
        return features
    }
}
