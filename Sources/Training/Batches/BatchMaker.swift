package import Learning
import Preprocessing
import SedgeCore

/// Makes the batch of any step from the seed and the step's number alone, so that a run can go on anywhere.
///
/// A series is normalised exactly as on the device, from a lead-in of random length on; two crops of it begin some
/// steps apart, at a hop drawn from 1, 2, 4 and 8.
package struct BatchMaker: Sendable {
    private let recipe: BatchRecipe
    private let seed: UInt64
    private let recordings: [TrainingSeries]

    /// - Parameter recordings: of as many channels as the recipe has inputs; those of one input may have any number, and
    ///   a crop is then of one of them.
    package init(_ recipe: BatchRecipe, seed: UInt64, recordings: [TrainingSeries] = []) {
        precondition(recipe.isPossible, "a recipe that no batch can be made by")
        self.recipe = recipe
        self.seed = seed
        self.recordings =
            recipe.inputs == 1
            ? recordings.flatMap { series in
                series.channels.indices.filter { TrainingSeries.varies(series.channels[$0]) }.map(series.channel)
            } : recordings
        precondition(self.recordings.allSatisfy { $0.channels.count == recipe.inputs }, "series of other channels")
    }

    package init(patch: Int, targets: PretextTargets, rows: Int, seed: UInt64, recordings: [TrainingSeries] = []) {
        self.init(BatchRecipe(patch: patch, targets: targets, rows: rows), seed: seed, recordings: recordings)
    }

    package func batch(_ number: Int) -> PretextBatch {
        var random = SeededRandom(seed: seed &+ UInt64(bitPattern: Int64(number)) &* 0xD1B5_4A32_D192_ED03)
        _ = random.next()
        let targets = recipe.targets
        let steps = recipe.lengths[random.index(recipe.lengths.count)]
        let series = recipe.rows / (2 * steps)
        let lanes = 2 * series
        let columns = recipe.inputs * targets.columns
        var batch = PretextBatch(
            lanes: lanes, patches: Matrix(rows: steps * lanes, columns: recipe.inputs * recipe.patch),
            targets: Matrix(rows: steps * lanes, columns: columns),
            weights: Matrix(rows: steps * lanes, columns: columns), pairs: [], pairCounts: [])
        batch.families = Array(repeating: CrossEntropyLoss.unknown, count: lanes)
        for index in 0..<series {
            let distance = 1 + random.index(steps / 4)
            let crop = normalizedCrop(steps: steps + distance, &random)
            let origin = max(recipe.patch, targets.lookback) - 1
            for (lane, start) in [(index, 0), (series + index, distance)] {
                let first = origin + start * crop.hop
                let view = CropView(crop, first: first, recipe.augmentation, &random)
                view.write(lane: lane, steps: steps, patch: recipe.patch, targets: targets, into: &batch)
                batch.families[lane] = crop.family
                label(lane: lane, steps: steps, first: first, crop, &batch)
            }
            // The later crop has some context by its step 32; neighbours are nearly equal, so every other one does.
            let moments = stride(from: min(32, steps / 2), to: steps - distance, by: 2)
            for step in moments {
                batch.pairs.append(
                    .init(first: (step + distance) * lanes + index, second: step * lanes + series + index))
            }
            batch.pairCounts.append(moments.reduce(0) { count, _ in count + 1 })
        }
        return batch
    }

    private func label(lane: Int, steps: Int, first: Int, _ crop: NormalizedCrop, _ batch: inout PretextBatch) {
        guard !crop.classes.isEmpty else { return }
        if batch.classes.isEmpty {
            batch.classes = Array(repeating: CrossEntropyLoss.unknown, count: steps * batch.lanes)
        }
        for step in 0..<steps { batch.classes[step * batch.lanes + lane] = crop.classes[first + step * crop.hop] }
    }

    /// Normalised samples for `steps` steps at a random hop.
    private func normalizedCrop(steps: Int, _ random: inout SeededRandom) -> NormalizedCrop {
        var hop = recipe.hops[random.index(recipe.hops.count)]
        var lead = Int(random.logUniform(32, 2000))
        let isRecorded = !recordings.isEmpty && random.uniform() >= recipe.generatedShare
        let raw: TrainingSeries.Crop
        var family = CrossEntropyLoss.unknown
        if isRecorded {
            let recording = recordings[random.index(recordings.count)]
            while hop > 1, recipe.samples(steps: steps, hop: hop) + 32 > recording.count { hop /= 2 }
            let count = recipe.samples(steps: steps, hop: hop)
            lead = min(lead, max(32, recording.count - count))
            // A recording that is too short even for hop 1 at this length goes on with itself backwards.
            let room = max(1, recording.count - count - lead + 1)
            raw = recording.crop(from: random.index(room), count: lead + count)
        } else {
            let count = lead + recipe.samples(steps: steps, hop: hop)
            var generator = SignalGenerator(seed: random.next())
            if recipe.inputs == 1 {
                let drawn = generator.draw(count)
                raw = .init(channels: [drawn.signal], classes: [])
                family = drawn.family.map(Int32.init) ?? family
            } else {
                raw = .init(channels: generator.next(count, channels: recipe.inputs), classes: [])
            }
        }
        var regime: (gain: Float, offset: Float) = (1, 0)
        if random.uniform() < recipe.augmentation.foreignShare {
            regime = (Float(random.logUniform(0.25, 4)), Float(1.5 * random.standardNormal()))
        }
        let normalization = isRecorded ? recipe.normalization : .robust()
        var normalizers = normalization.makeNormalizers(channels: recipe.inputs, holdLimit: 8)
        let channels = raw.channels.indices.map { channel in
            Self.normalize(raw.channels[channel], lead: lead, &normalizers[channel], regime)
        }
        return NormalizedCrop(
            channels: channels, hop: hop, classes: Array(raw.classes.dropFirst(lead)), family: family)
    }

    private static func normalize(
        _ raw: [Double], lead: Int, _ normalizer: inout Normalizer, _ regime: (gain: Float, offset: Float)
    ) -> NormalizedCrop.Channel {
        var channel = NormalizedCrop.Channel(values: [], missing: [])
        channel.values.reserveCapacity(raw.count - lead)
        channel.missing.reserveCapacity(raw.count - lead)
        for (index, sample) in raw.enumerated() {
            let value = normalizer.normalize(sample)
            guard index >= lead else { continue }
            channel.values.append(regime.gain * value + regime.offset)
            channel.missing.append(!sample.isFinite)
        }
        return channel
    }
}

extension TrainingSeries {
    struct Crop {
        var channels: [[Double]]
        var classes: [Int32]
    }

    /// Samples from a place on; beyond the end it goes on backwards, and forwards again.
    fileprivate func crop(from start: Int, count: Int) -> Crop {
        guard start + count > self.count else {
            let range = start..<start + count
            return Crop(
                channels: channels.map { Array($0[range]) }, classes: classes.isEmpty ? [] : Array(classes[range]))
        }
        let places = (start..<start + count).map { place in
            let cycle = place % (2 * self.count)
            return cycle < self.count ? cycle : 2 * self.count - 1 - cycle
        }
        return Crop(
            channels: channels.map { channel in places.map { channel[$0] } },
            classes: classes.isEmpty ? [] : places.map { classes[$0] })
    }
}
