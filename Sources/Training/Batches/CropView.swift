import Learning
import Preprocessing
import SedgeCore

/// One augmented view of a crop: slightly rescaled, some noise added, some spans blanked as a gap would be, now and
/// then a channel missing.
struct CropView {
    private let channels: [Channel]
    private let hop: Int
    private let first: Int

    private struct Channel {
        var clean: [Float]
        var seen: [Float]
        /// Samples that the encoder does not see and has to reconstruct.
        var isBlank: [Bool]
        /// Samples that were missing in the recording; they are no targets.
        var missing: [Bool]
    }

    /// What a visible sample counts in reconstruction; a blanked one counts 1.
    private static let visibleWeight: Float = 0.15
    /// After so many samples a gap is no longer bridged by its last value; as `RobustNormalizer` does.
    private static let holdLimit = 8
    /// The normaliser's.
    private static let clip: Float = 8

    /// - Parameter first: the newest sample of the view's first step.
    init(_ crop: NormalizedCrop, first: Int, _ augmentation: Augmentation, _ random: inout SeededRandom) {
        hop = crop.hop
        self.first = first
        let isDropped = crop.channels.map { _ in crop.channels.count > 1 && random.uniform() < augmentation.dropShare }
        var channels: [Channel] = []
        for (index, source) in crop.channels.enumerated() {
            var channel = Self.augmented(source, augmentation, &random)
            // At least one channel stays, or the view shows nothing.
            if isDropped[index] && isDropped.contains(false) { Self.drop(&channel) }
            channels.append(channel)
        }
        self.channels = channels
    }

    private static func augmented(
        _ source: NormalizedCrop.Channel, _ augmentation: Augmentation, _ random: inout SeededRandom
    ) -> Channel {
        let gain = Float(random.logUniform(1 / augmentation.scale, augmentation.scale))
        let noise = random.uniform() < augmentation.jitterShare ? random.uniform(0.06, 1) * augmentation.jitter : 0
        let clean = source.values.map { max(-clip, min(clip, gain * $0)) }
        var seen = clean
        if noise > 0 {
            for index in seen.indices {
                seen[index] = max(-clip, min(clip, seen[index] + Float(noise * random.standardNormal())))
            }
        }
        var channel = Channel(
            clean: clean, seen: seen, isBlank: Array(repeating: false, count: seen.count), missing: source.missing)
        if random.uniform() < augmentation.maskShare { blank(&channel, longest: augmentation.longestMask, &random) }
        return channel
    }

    /// Blanks spans, about a seventh of all: the last value held, then the level, which is 0.
    private static func blank(_ channel: inout Channel, longest: Int, _ random: inout SeededRandom) {
        let count = channel.seen.count
        let spacing = 4 * Double(longest) + 4
        var position = 1 + Int(random.logUniform(4, spacing))
        while position < count {
            let length = Int(random.logUniform(1, Double(longest) + 1))
            let held = channel.seen[position - 1]
            for index in position..<min(count, position + length) {
                channel.seen[index] = index - position < holdLimit ? held : 0
                channel.isBlank[index] = true
            }
            position += length + 1 + Int(random.logUniform(4, spacing))
        }
    }

    private static func drop(_ channel: inout Channel) {
        for index in channel.seen.indices {
            channel.seen[index] = 0
            channel.isBlank[index] = true
        }
    }

    func write(lane: Int, steps: Int, patch: Int, targets: PretextTargets, into batch: inout PretextBatch) {
        let (lanes, inputs) = (batch.lanes, channels.count)
        let columns = targets.columns
        batch.patches.withUnsafeMutablePointer { patches in
            batch.targets.withUnsafeMutablePointer { rows in
                batch.weights.withUnsafeMutablePointer { weights in
                    for (index, channel) in channels.enumerated() {
                        channel.clean.withUnsafeBufferPointer { clean in
                            for step in 0..<steps {
                                let row = (step * lanes + lane) * inputs + index
                                let position = first + step * hop
                                for sample in 0..<patch {
                                    patches[row * patch + sample] = channel.seen[position - patch + 1 + sample]
                                }
                                targets.write(rows + row * columns, from: clean.baseAddress!, at: position)
                                Self.write(
                                    weights + row * columns, channel, at: position, from: first - patch + 1, targets)
                            }
                        }
                    }
                }
            }
        }
    }

    private static func write(
        _ row: UnsafeMutablePointer<Float>, _ channel: Channel, at position: Int, from oldest: Int,
        _ targets: PretextTargets
    ) {
        for index in 0..<targets.history {
            let sample = position - targets.history + 1 + index
            row[index] = channel.missing[sample] ? 0 : channel.isBlank[sample] ? 1 : visibleWeight
        }
        for index in 0..<targets.future {
            row[targets.history + index] = channel.missing[position + 1 + index] ? 0 : 1
        }
        for index in targets.first(.far)..<targets.first(.shape) { row[index] = 1 }
        var column = targets.first(.shape)
        for length in targets.shapes {
            // Of a window that the view has not shown in full nothing can be said.
            let weight: Float = position - oldest + 1 >= length ? 1 : 0
            for _ in 0..<WindowShape.count {
                row[column] = weight
                column += 1
            }
        }
    }
}
