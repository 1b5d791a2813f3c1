import Preprocessing

/// Notices flaws in a stream itself, and says each kind at most once an hour, however often it comes; what came meanwhile
/// is said then.
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

        fileprivate var counter: WritableKeyPath<PreprocessorCounters, UInt64> {
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
    /// What was said of each kind.
    private var seen: PreprocessorCounters
    private var said: [Flaw: Int64] = [:]

    /// `counters` as they are now: what was before is not new.
    init(_ counters: PreprocessorCounters) { seen = counters }

    /// The worst flaw that is new and may be said; `now` in nanoseconds on a clock that never jumps.
    mutating func flaw(in counters: PreprocessorCounters, now: Int64) -> Flaw? {
        for flaw in Flaw.allCases where counters[keyPath: flaw.counter] > seen[keyPath: flaw.counter] {
            if let last = said[flaw], now - last < Self.silence { continue }
            said[flaw] = now
            seen[keyPath: flaw.counter] = counters[keyPath: flaw.counter]
            return flaw
        }
        return nil
    }
}
