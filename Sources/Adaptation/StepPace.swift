import SedgeCore

/// The time between a stream's steps: what it was when the learner was made, and what it has become.
///
/// A pause counts at most as two usual steps, so it changes next to nothing; a source that is slower for good is
/// followed within some dozen steps, or each of them would come after a gap for ever.
struct StepPace: Sendable, Equatable {
    /// Seconds, of the configuration.
    private let declared: Double
    /// Seconds, an exponential mean over `memory` steps.
    private(set) var seconds: Double
    private var last: Timestamp?

    /// Seconds between steps as they come: as declared, unless the source has clearly left that.
    var current: Double { (0.5...2).contains(seconds / declared) ? declared : seconds }

    private static let memory = 32.0

    init(stepSeconds: Double) {
        declared = max(1e-6, stepSeconds)
        seconds = declared
    }

    /// Whether the step at `time` comes after more than `steps` steps' time, or after a clock that was set back. Takes
    /// it in.
    mutating func isAfterGap(_ time: Timestamp, of steps: Double) -> Bool {
        defer { last = time }
        guard let last else { return false }
        guard time >= last else { return true }
        let interval = Double(time - last) / 1e6
        let isGap = interval > steps * max(declared, seconds)
        seconds = max(1e-6, seconds + (min(interval, 2 * seconds) - seconds) / Self.memory)
        return isGap
    }

    func write(to writer: inout SnapshotWriter) {
        writer.write(seconds)
        writer.write(last != nil)
        writer.write((last ?? Timestamp(microseconds: 0)).microseconds)
    }

    mutating func read(from reader: inout SnapshotReader) throws(SnapshotError) {
        seconds = try reader.readFinite("seconds between steps", in: 1e-6...1e12)
        let hasLast = try reader.readBool()
        let time = Timestamp(microseconds: try reader.read(Int64.self))
        last = hasLast ? time : nil
    }
}
