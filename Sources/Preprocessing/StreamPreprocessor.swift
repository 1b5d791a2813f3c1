package import SedgeCore

/// Tier 0 of one stream: rows as they arrive become normalised patches, one step every `hop` samples.
///
/// The way of a row: event time (`EventTimeline`), order (`ReorderBuffer`), uniform grid (`UniformResampler`) where the
/// stream has a rate, normalisation, patch (`StepQueue`). Call `append` for each row and `advance` when time passes
/// without rows; after either, `popStep` until it returns nil.
package struct StreamPreprocessor: Sendable {
    package typealias Settings = PreprocessorSettings

    package let settings: Settings
    /// Whether anything is learned; off in maintenance windows.
    package var learns = true
    /// Whether runs of equal samples count; off in maintenance windows, when a machine at rest is no flat signal.
    package var watchesSensors = true
    /// Whether the normalisers learn where anything does; off while the stream is not itself, so that a lasting fault
    /// does not become the level that it is measured against.
    package var followsLevel = true
    package internal(set) var counters = PreprocessorCounters()
    /// Which channels are meant by what `counters` has of `missing`, `stuck` and `saturated`; of this run alone.
    package private(set) var flaws: [ChannelFlaws]

    // Internal for the snapshot's extension alone.
    var normalizers: [Normalizer]
    /// Learn whatever is learned elsewhere, so that what has happened before is no surprise again.
    var levels: [SlowLevel]
    var watches: [SensorWatch]
    var timeline = EventTimeline()
    var waiting: ReorderBuffer
    var resampler: UniformResampler?
    var interval = TypicalInterval()
    var queue: StepQueue
    var recent: RecentSamples
    /// A restart of the clock that the next sample has to carry; for streams without a grid.
    var isBroken = false
    private var cells: [Double]  // (channel)
    private let reorderWindow: Int64
    private let futureTolerance: Int64

    package init(_ settings: Settings) {
        self.settings = settings
        normalizers = settings.normalization.makeNormalizers(channels: settings.channels, holdLimit: settings.maxGap)
        levels = Array(repeating: SlowLevel(), count: settings.channels)
        watches = Array(repeating: SensorWatch(), count: settings.channels)
        waiting = ReorderBuffer(channels: settings.channels)
        resampler = settings.rateHz.map {
            UniformResampler(rateHz: $0, maxGap: settings.maxGap, channels: settings.channels)
        }
        queue = StepQueue(channels: settings.channels, hop: settings.hop, patch: settings.patch)
        recent = RecentSamples(capacity: settings.recentSamples, channels: settings.channels)
        cells = Array(repeating: .nan, count: settings.channels)
        flaws = Array(repeating: ChannelFlaws(), count: settings.channels)
        reorderWindow = Int64(settings.reorderWindow * 1e6)
        futureTolerance = Int64(settings.futureTolerance * 1e6)
    }

    /// What a normalised 0 and a normalised 1 more stand for now, in the channel's own unit.
    package func unit(of channel: Int) -> (level: Double, scale: Double) {
        (normalizers[channel].level, normalizers[channel].scale)
    }

    /// Takes one row.
    ///
    /// - Parameters:
    ///   - time: the row's event time; nil: its arrival.
    ///   - values: one a channel; what is not finite is missing.
    ///   - row: index among the `count` rows of a payload that has one time (the newest row's) or none. They are spread
    ///     by the rate, or evenly over the time since the row before where there is none.
    /// - Returns: whether it was taken; a row that comes too late is not.
    @discardableResult
    package mutating func append(
        time: Timestamp?, arrival: Timestamp, values: Span<Double>, row: Int = 0, of count: Int = 1
    ) -> Bool {
        precondition(
            values.count == settings.channels, "row of \(values.count) values, expected \(settings.channels)")
        var isFuture = false
        let placement = timeline.place(
            time: time, arrival: arrival, row: row, count: count, period: period, isExact: settings.rateHz != nil,
            tolerance: futureTolerance, isFuture: &isFuture)
        if isFuture { counters.future += 1 }
        let placed: Int64
        switch placement {
        case .late:
            counters.late += 1
            return false
        case .at(let time):
            placed = time
        case .restart(let time):
            counters.clockJumps += 1
            restartTime()
            placed = time
        }
        if placed == timeline.released {
            counters.duplicate += 1
            // On a grid it may still bring channels that the first did not.
            if resampler == nil { return false }
        }
        let arrived = EventTimeline.clamp(arrival)
        let isMerged = waiting.insert(time: placed, arrival: arrived, values: values)
        if isMerged && placed != timeline.released { counters.duplicate += 1 }
        counters.accepted += 1
        release(now: arrived)
        return true
    }

    /// Lets time pass without a row: what waited for earlier rows long enough goes on.
    package mutating func advance(to now: Timestamp) {
        let now = EventTimeline.clamp(now)
        release(now: now)
        if resampler?.isOverdue(at: now) == true, waiting.count == 0,
            let sample = resampler?.flush(into: &cells)
        {
            emit(sample)
        }
    }

    /// Of the step that `popStep` gives next, if one is due: `levels` (channel) gets the distance of the newest samples
    /// from the slow level of everything that was measured, in its standard deviations, ±1000: of several new samples
    /// the furthest.
    package func readLevels(into levels: inout MutableSpan<Float>) { queue.readLevels(into: &levels) }

    /// Whether `popStep` has a step to give.
    package var hasStep: Bool { queue.isDue }

    /// The next step that is due, if any; `patches` (channel, patch) gets its normalised samples, oldest first.
    package mutating func popStep(patches: inout MutableSpan<Float>) -> StepHeader? {
        guard let step = queue.pop(into: &patches) else { return nil }
        counters.steps += 1
        return step
    }

    /// Event time of the newest row that was placed, whether it has gone on or waits.
    package var newestTime: Timestamp? { timeline.newest.map { Timestamp(microseconds: $0) } }

    /// The newest raw samples, oldest first; `values` is (sample, channel), NaN where nothing was measured.
    package func recentSamples(limit: Int) -> (times: [Timestamp], values: [[Double]]) { recent.newest(limit) }

    /// A channel's normaliser: its level and scale stand beside the embedding.
    package func normalizer(of channel: Int) -> Normalizer { normalizers[channel] }

    /// Sets a channel's new normal. A fixed normaliser keeps its own.
    package mutating func rebaseline(channel: Int, level: Double, scale: Double) {
        normalizers[channel].rebaseline(level: level, scale: scale)
    }

    /// Takes what the newest samples show for the new normal of every channel that has clearly left its old one: by
    /// three scales, or to a scale three times as large or as small.
    package mutating func rebaseline() {
        let samples = recent.newest(settings.recentSamples).values
        for channel in normalizers.indices {
            guard case .robust(let normalizer) = normalizers[channel] else { continue }
            let values = samples.map { $0[channel] }.filter(\.isFinite)
            guard values.count >= Self.leastForBaseline else { continue }
            let mean = values.reduce(0, +) / Double(values.count)
            let deviation = values.reduce(0) { $0 + abs($1 - mean) } / Double(values.count)
            let scale = deviation * RobustNormalizer.gaussian
            let ratio = max(scale, normalizer.scale * 1e-3) / normalizer.scale
            guard abs(mean - normalizer.level) > 3 * normalizer.scale || ratio > 3 || ratio < 1.0 / 3 else { continue }
            normalizers[channel].rebaseline(level: mean, scale: scale)
        }
    }

    /// Samples without which no new normal is believed.
    private static let leastForBaseline = 16

    /// Microseconds between samples, where known.
    private var period: Double? {
        settings.rateHz.map { max(1, 1e6 / $0) } ?? interval.microseconds.map { Double($0) }
    }

    private mutating func release(now: Int64) {
        let window = timeline.hasOwnTimes ? reorderWindow : 0
        guard let newest = timeline.newest else { return }
        while waiting.count > 0 {
            // Also when the gateway's clock went back: what waits must not wait until it has caught up.
            let age = now - waiting.firstArrival
            let isOver =
                newest - waiting.firstTime >= window || age >= window || age < -window
                || waiting.count > ReorderBuffer.capacity
            guard isOver else { return }
            takeFirst()
        }
    }

    private mutating func takeFirst() {
        let time = waiting.firstTime
        let arrival = waiting.firstArrival
        timeline.released = time
        if resampler != nil {
            resampler!.push(time: time, arrival: arrival, firstOf: waiting)
            waiting.removeFirst()
            while let sample = resampler!.next(into: &cells) { emit(sample) }
            return
        }
        for channel in cells.indices { cells[channel] = waiting.firstValue(channel) }
        waiting.removeFirst()
        let isGap = interval.isAfterGap(time, limit: settings.maxGap)
        emit(Sample(time: time, arrival: arrival, isAfterGap: isGap || isBroken))
        isBroken = false
    }

    /// The source's clock was set back: what waits belongs before, everything else after.
    private mutating func restartTime() {
        let released = timeline.released
        while waiting.count > 0 { takeFirst() }
        timeline.released = released
        if let sample = resampler?.flush(into: &cells) { emit(sample) }
        resampler?.restart()
        interval.forgetLast()
        isBroken = counters.samples > 0
    }

    private mutating func emit(_ sample: Sample) {
        recent.append(time: sample.time, cells)
        if sample.isAfterGap {
            counters.gaps += 1
            for channel in normalizers.indices { normalizers[channel].forgetHeld() }
        }
        var missing = 0
        for channel in cells.indices {
            let level = levels[channel].standardise(cells[channel], learns: learns)
            queue.appendCell(
                normalizers[channel].normalize(cells[channel], learns: learns && followsLevel), level: Float(level))
            switch watchesSensors ? watches[channel].observe(cells[channel]) : nil {
            case .stuck:
                counters.stuck += 1
                flaws[channel].stuck += 1
            case .saturated:
                counters.saturated += 1
                flaws[channel].saturated += 1
            case nil: break
            }
            if normalizers[channel].isMissing {
                missing += 1
                flaws[channel].missing += 1
            }
        }
        counters.missing += UInt64(missing)
        counters.samples += 1
        counters.droppedSteps += UInt64(queue.endSample(sample, missing: missing))
    }
}
