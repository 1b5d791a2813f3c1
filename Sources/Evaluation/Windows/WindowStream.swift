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

    private let encoder: StreamingEncoder
    /// Of the first channels; the others are only normalised.
    private let lanes: [Int]
    private let fresh: Normalizer
    private var normalizers: [Normalizer]
    private var patches: [Float]  // (channels, patch)
    /// Embeddings of the last steps, the newest last.
    private var recent: [[Float]] = []
    /// Samples since the beginning.
    private var seen = 0

    init(_ network: PackedNetwork, _ normalizer: Normalizer, channels: Int, embedded: Int) {
        encoder = StreamingEncoder(network)
        lanes = (0..<embedded).map { [encoder] _ in encoder.addLane() }
        fresh = normalizer
        normalizers = Array(repeating: normalizer, count: channels)
        patches = Array(repeating: 0, count: channels * network.architecture.patch)
    }

    /// Forgets all that was seen.
    func reset() {
        for lane in lanes { encoder.resetLane(lane) }
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
        let patch = encoder.architecture.patch
        let steps = max(1, count - patch + 1)
        for index in channels[0].indices {
            append(channels, index)
            // A window that is shorter than a patch is read at its end, as if zeros (the level) stood before it.
            if seen >= patch || index == channels[0].count - 1 { step() }
        }
        if recent.count > steps { recent.removeFirst(recent.count - steps) }
        return summary()
    }

    private func append(_ channels: [[Double]], _ index: Int) {
        let patch = encoder.architecture.patch
        for channel in channels.indices {
            let start = channel * patch
            for position in start..<start + patch - 1 { patches[position] = patches[position + 1] }
            patches[start + patch - 1] = normalizers[channel].normalize(channels[channel][index])
        }
        seen += 1
    }

    private func step() {
        guard !lanes.isEmpty else { return }
        let (lanes, patches) = (lanes, patches)
        var embeddings = [Float](repeating: 0, count: lanes.count * encoder.architecture.embedding)
        var target = embeddings.mutableSpan
        encoder.step(lanes: lanes.span, patches: patches.span, embeddings: &target)
        recent.append(embeddings)
    }

    private func summary() -> [Double] {
        let width = encoder.architecture.embedding
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
