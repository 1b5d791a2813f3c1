import SedgeCore

/// Normalised samples on their way to steps: the last patch, and what has not been fetched yet.
struct StepQueue: Sendable {
    private let channels: Int
    private let hop: Int
    private let patch: Int
    private var values: [Float] = []  // (sample, channel)
    private var levels: [Float] = []  // (sample, channel)
    private var marks: [Mark] = []
    /// Index of the newest sample of the next step.
    private var due: Int
    /// Samples since the step before.
    private var fresh: Int

    private struct Mark: Sendable {
        let sample: Sample
        let missing: Int32
    }

    /// Steps that nobody fetches are dropped beyond so many samples.
    static let capacity = 4096

    init(channels: Int, hop: Int, patch: Int) {
        self.channels = channels
        self.hop = hop
        self.patch = patch
        due = patch - 1
        fresh = patch
    }

    /// Whether `pop` has a step to give.
    var isDue: Bool { due < marks.count }

    /// A channel's sample, normalised, and its distance from the channel's slow level.
    mutating func appendCell(_ value: Float, level: Float) {
        values.append(value)
        levels.append(level)
    }

    /// Ends a sample after its `channels` cells. Returns the steps that had to be dropped.
    mutating func endSample(_ sample: Sample, missing: Int) -> Int {
        marks.append(Mark(sample: sample, missing: Int32(missing)))
        guard marks.count - due > Self.capacity else { return 0 }
        skipStep()
        return 1
    }

    /// Of the next step, if one is due: `furthest` (channel) gets the distance from the slow level of that one of the
    /// `hop` newest samples which is furthest from it.
    func readLevels(into furthest: inout MutableSpan<Float>) {
        guard isDue else { return }
        precondition(furthest.count == channels, "\(furthest.count) levels, expected \(channels)")
        for channel in 0..<channels {
            var extreme: Float = 0
            for sample in (due - hop + 1)...due {
                let level = levels[sample * channels + channel]
                if abs(level) >= abs(extreme) { extreme = level }
            }
            furthest[channel] = extreme
        }
    }

    /// The next step that is due; `patches` (channel, patch) gets the samples, oldest first.
    mutating func pop(into patches: inout MutableSpan<Float>) -> StepHeader? {
        guard isDue else { return nil }
        precondition(
            patches.count == channels * patch, "patches of \(patches.count) cells, expected \(channels) × \(patch)")
        let first = due - patch + 1
        var missing = 0
        for offset in 0..<patch {
            missing += Int(marks[first + offset].missing)
            let start = (first + offset) * channels
            for channel in 0..<channels { patches[channel * patch + offset] = values[start + channel] }
        }
        var isBroken = false
        for index in (due - fresh + 1)...due where marks[index].sample.isAfterGap { isBroken = true }
        let newest = marks[due].sample
        skipStep()
        return StepHeader(
            time: Timestamp(microseconds: newest.time), missing: Float(missing) / Float(channels * patch),
            discontinuity: isBroken, arrival: Timestamp(microseconds: newest.arrival))
    }

    private mutating func skipStep() {
        due += hop
        fresh = hop
        // hop ≤ patch, so everything up to the last patch's beginning has been used.
        let used = due - patch + 1
        guard used >= 64 else { return }
        marks.removeFirst(used)
        values.removeFirst(used * channels)
        levels.removeFirst(used * channels)
        due -= used
    }

    func snapshot(into writer: inout SnapshotWriter) {
        let used = max(0, due - patch + 1)
        let kept = marks[used...]
        writer.write(kept.map(\.sample.time))
        writer.write(kept.map(\.sample.arrival))
        writer.write(kept.map { $0.sample.isAfterGap ? 1 : 0 as UInt8 })
        writer.write(kept.map(\.missing))
        writer.write(Array(values[(used * channels)...]))
        writer.write(Array(levels[(used * channels)...]))
        writer.write(Int64(due - used))
        writer.write(Int64(fresh))
    }

    mutating func restore(from reader: inout SnapshotReader) throws(SnapshotError) {
        let times = try reader.readArray(Int64.self)
        let arrivals = try reader.readArray(Int64.self, count: times.count)
        let gaps = try reader.readArray(UInt8.self, count: times.count)
        let missing = try reader.readArray(Int32.self, count: times.count)
        let values = try reader.readFloats(count: times.count * channels)
        let levels = try reader.readFloats(count: times.count * channels)
        let due = try reader.read(Int64.self)
        let fresh = try reader.read(Int64.self)
        guard due == patch - 1, fresh == hop || fresh == patch, times.count <= patch + Self.capacity,
            values.allSatisfy(\.isFinite), levels.allSatisfy(\.isFinite),
            missing.allSatisfy({ (0...Int32(channels)).contains($0) })
        else { throw .impossible("\(times.count) samples, next step due at \(due), \(fresh) of them new") }
        self.values = values
        self.levels = levels
        self.due = Int(due)
        self.fresh = Int(fresh)
        marks = times.indices.map { index in
            Mark(
                sample: Sample(time: times[index], arrival: arrivals[index], isAfterGap: gaps[index] != 0),
                missing: missing[index])
        }
    }
}
