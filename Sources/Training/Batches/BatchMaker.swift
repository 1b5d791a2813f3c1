package import Learning
import Preprocessing
import SedgeCore

/// Makes the batch of any step from the seed and the step's number alone, so that a run can go on anywhere.
///
/// A series is normalised exactly as on the device, from a lead-in of random length on; two crops of it begin some
/// steps apart (`Crop`), at a hop drawn from 1, 2, 4 and 8.
package struct BatchMaker: Sendable {
    private let patch: Int
    private let targets: PretextTargets
    private let rows: Int
    private let seed: UInt64
    private let recordings: [TrainingSeries]

    private static let lengths = [256, 512]
    private static let hops = [1, 2, 4, 8]

    /// - Parameters:
    ///   - rows: encoder steps in a batch, all lanes together.
    ///   - recordings: half of all series are cut from these; none: all are generated.
    package init(patch: Int, targets: PretextTargets, rows: Int, seed: UInt64, recordings: [TrainingSeries] = []) {
        precondition(rows >= 2 * Self.lengths.last!, "\(rows) rows hold no two lanes")
        self.patch = patch
        self.targets = targets
        self.rows = rows
        self.seed = seed
        self.recordings = recordings
    }

    /// The shortest recording that a crop fits in, at hop 1 and with the largest distance between two crops.
    package static func shortestRecording(targets: PretextTargets) -> Int {
        samples(steps: lengths[0] + lengths[0] / 4, hop: 1, targets: targets) + 64
    }

    package func batch(_ number: Int) -> PretextBatch {
        var random = SeededRandom(seed: seed &+ UInt64(bitPattern: Int64(number)) &* 0xD1B5_4A32_D192_ED03)
        _ = random.next()
        let steps = Self.lengths[random.index(Self.lengths.count)]
        let series = rows / (2 * steps)
        let lanes = 2 * series
        var batch = PretextBatch(
            lanes: lanes, patches: Matrix(rows: steps * lanes, columns: patch),
            targets: Matrix(rows: steps * lanes, columns: targets.columns),
            weights: Matrix(rows: steps * lanes, columns: targets.columns), pairs: [])
        for index in 0..<series {
            let distance = 1 + random.index(steps / 4)
            let crop = normalisedCrop(steps: steps + distance, &random)
            for (lane, start) in [(index, 0), (series + index, distance)] {
                let view = CropView(
                    crop.values, hop: crop.hop, first: max(patch, targets.history) - 1 + start * crop.hop,
                    missing: crop.missing, &random)
                view.write(lane: lane, steps: steps, patch: patch, targets: targets, into: &batch)
            }
            // The later crop has some context by its step 32; neighbours are nearly equal, so every other one does.
            for step in stride(from: 32, to: steps - distance, by: 2) {
                batch.pairs.append(
                    .init(first: (step + distance) * lanes + index, second: step * lanes + series + index))
            }
        }
        return batch
    }

    /// Samples that `steps` steps with their history and targets span.
    private static func samples(steps: Int, hop: Int, targets: PretextTargets) -> Int {
        targets.history + steps * hop + targets.reach
    }

    /// Normalised samples for `steps` steps at a random hop, where they were missing, and the hop.
    private func normalisedCrop(
        steps: Int, _ random: inout SeededRandom
    ) -> (values: [Float], missing: [Bool], hop: Int) {
        var hop = Self.hops[random.index(Self.hops.count)]
        var lead = Int(random.logUniform(32, 2000))
        let raw: ArraySlice<Double>
        if !recordings.isEmpty && random.uniform() < 0.5 {
            let recording = recordings[random.index(recordings.count)].values
            while hop > 1, Self.samples(steps: steps, hop: hop, targets: targets) + 32 > recording.count { hop /= 2 }
            let count = Self.samples(steps: steps, hop: hop, targets: targets)
            // A recording that is too short even for hop 1 at this length repeats its end backwards.
            let padded = count + 32 > recording.count ? recording + recording.reversed() : recording
            lead = min(lead, padded.count - count)
            let start = random.index(padded.count - count - lead + 1)
            raw = padded[start..<start + lead + count]
        } else {
            var generator = SignalGenerator(seed: random.next())
            raw = generator.next(lead + Self.samples(steps: steps, hop: hop, targets: targets))[...]
        }
        var normalizer = RobustNormalizer()
        var values: [Float] = []
        var missing: [Bool] = []
        values.reserveCapacity(raw.count - lead)
        missing.reserveCapacity(raw.count - lead)
        for (index, sample) in raw.enumerated() {
            let value = normalizer.normalize(sample)
            guard index >= lead else { continue }
            values.append(value)
            missing.append(!sample.isFinite)
        }
        return (values, missing, hop)
    }
}
