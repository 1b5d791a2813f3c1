import Preprocessing

/// Notices flaws in a stream itself, and says each kind at most once an hour, of each channel where channels have it,
/// however often it comes; what came meanwhile is said then.
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

        /// Where it is a channel's and not the stream's.
        fileprivate var channelCounter: WritableKeyPath<ChannelFlaws, UInt64>? {
            switch self {
            case .missingValues: \.missing
            case .stuckSensor: \.stuck
            case .saturation: \.saturated
            case .clockJump, .futureTime, .gap: nil
            }
        }
    }

    /// What is to be said.
    struct Finding: Equatable {
        var flaw: Flaw
        /// By place; empty: the stream's as a whole.
        var channels: [Int] = []
    }

    /// What one hour's silence is about.
    private struct Subject: Hashable {
        var flaw: Flaw
        var channel: Int?
    }

    private static let silence: Int64 = 3600 * 1_000_000_000
    /// What was said of each kind.
    private var seen: PreprocessorCounters
    private var seenOfChannels: [ChannelFlaws]
    private var said: [Subject: Int64] = [:]

    /// `counters` and `flaws` as they are now: what was before is not new.
    init(_ counters: PreprocessorCounters, _ flaws: [ChannelFlaws]) { (seen, seenOfChannels) = (counters, flaws) }

    /// The channels' flaws are counted anew, as by a preprocessor that was restored.
    mutating func restarted(_ flaws: [ChannelFlaws]) { seenOfChannels = flaws }

    /// What came up to here is not told, as in a maintenance window.
    mutating func pass(_ counters: PreprocessorCounters, _ flaws: [ChannelFlaws]) {
        (seen, seenOfChannels) = (counters, flaws)
    }

    /// The worst flaw that is new and may be said, with all channels that have it; `now` in nanoseconds on a clock that
    /// never jumps.
    mutating func finding(in counters: PreprocessorCounters, _ flaws: [ChannelFlaws], now: Int64) -> Finding? {
        for flaw in Flaw.allCases where counters[keyPath: flaw.counter] > seen[keyPath: flaw.counter] {
            guard let counter = flaw.channelCounter else {
                guard maySay(Subject(flaw: flaw), now) else { continue }
                seen[keyPath: flaw.counter] = counters[keyPath: flaw.counter]
                return Finding(flaw: flaw)
            }
            let new = flaws.indices.filter { flaws[$0][keyPath: counter] > seenOfChannels[$0][keyPath: counter] }
            let channels = new.filter { maySay(Subject(flaw: flaw, channel: $0), now) }
            for channel in channels { seenOfChannels[channel][keyPath: counter] = flaws[channel][keyPath: counter] }
            // Until the others may be said the sum stays behind, so that they are not forgotten.
            if new.count == channels.count { seen[keyPath: flaw.counter] = counters[keyPath: flaw.counter] }
            if !channels.isEmpty { return Finding(flaw: flaw, channels: channels) }
        }
        return nil
    }

    private mutating func maySay(_ subject: Subject, _ now: Int64) -> Bool {
        if let last = said[subject], now - last < Self.silence { return false }
        said[subject] = now
        return true
    }
}
