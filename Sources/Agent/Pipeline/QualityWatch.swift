import Preprocessing

/// Notices flaws in a stream itself, and says each kind once an hour, however often it comes.
struct QualityWatch {
    /// What `detail` of a `quality` insight can be.
    enum Flaw: String, CaseIterable {
        /// The source's clock was set back.
        case clockJump = "clock-jump"
        /// Times that lie too far in the future; the samples are taken at their arrival.
        case futureTime = "future-time"
        /// A channel without a value for so long that nothing can be said about it.
        case missingValues = "missing-values"
        /// A channel repeats one value for far longer than it ever did.
        case stuckSensor = "stuck-sensor"
        /// A channel's highest or lowest values are cut off.
        case saturation
        /// A pause too long to be bridged.
        case gap

        fileprivate var counter: KeyPath<PreprocessorCounters, UInt64> {
            switch self {
            case .clockJump: \.clockJumps
            case .futureTime: \.future
            case .missingValues: \.missing
            case .stuckSensor: \.stuck
            case .saturation: \.saturated
            case .gap: \.gaps
            }
        }
    }

    private static let silence: Int64 = 3600 * 1_000_000_000
    private var seen: PreprocessorCounters
    private var said: [Flaw: Int64] = [:]

    /// `counters` as they are now: what was before is not new.
    init(_ counters: PreprocessorCounters) { seen = counters }

    /// The worst new flaw that was not said within the hour; `now` in nanoseconds on a clock that never jumps.
    mutating func flaw(in counters: PreprocessorCounters, now: Int64) -> Flaw? {
        defer { seen = counters }
        guard counters != seen else { return nil }
        for flaw in Flaw.allCases where counters[keyPath: flaw.counter] > seen[keyPath: flaw.counter] {
            if let last = said[flaw], now - last < Self.silence { continue }
            said[flaw] = now
            return flaw
        }
        return nil
    }
}
