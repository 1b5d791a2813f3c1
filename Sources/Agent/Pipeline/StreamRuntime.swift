import Adaptation
import Inference
import Ingest
import Preprocessing
import SedgeCore

/// All that the pipeline keeps of one stream. Belongs to the pipeline's thread.
final class StreamRuntime {
    let id: StreamID
    var topic: String
    var configuration: StreamConfiguration {
        didSet { muted = (.min, false) }
    }
    /// Names in the order of lanes and columns.
    let channels: [String]
    private(set) var model: PipelineModel
    /// Of the model's encoder: one a channel, or one for all.
    private(set) var lanes: [Int]
    let firstSeen: Timestamp
    var codec: any PayloadCodec
    /// What the codec reads a payload into.
    var rows: SampleRows
    var preprocessor: StreamPreprocessor
    /// Made at the first step at which the time between steps is known.
    var learner: StreamLearner?
    /// What its checkpoint held of tier 2.
    var savedAdaptation: [UInt8]?
    /// What the encoder was shown last, for the one that may follow it.
    var history: StepHistory
    /// What it looked like lately, for people who speak of it; there whenever the learner is.
    var recent: RecentSteps?
    /// Where forecasts are asked for; made with the learner.
    var forecaster: Forecaster?
    /// What it said last.
    var forecast: InsightForecast?
    /// Event time of the last forecast that subscribers got.
    var forecastTold: Timestamp?
    var policy: InsightPolicy
    var quality: QualityWatch
    var status: StreamStatus
    var throttle: StatusThrottle
    var decodeCounters = DecodeCounters()
    var tally = StreamTally()
    /// Wall clock of the last payload that was used.
    var lastSeen: Timestamp
    /// The same on the clock that never jumps; nil: not yet.
    var lastArrival: Int64?
    /// Late rows of earlier runs, which the preprocessor counts on.
    private var lateBefore: UInt64
    /// Whether it waits for a look for steps.
    var isTouched = false
    /// Whether it has not been heard for too long.
    var isSilent = false {
        didSet { status.phase = phase }
    }
    /// The phase that it has while it is heard.
    var livePhase = StreamPhase.learning {
        didSet { status.phase = phase }
    }
    var phase: StreamPhase { isSilent ? .stale : livePhase }
    /// The same minute's answer about maintenance windows.
    private var muted: (minute: Int64, isMuted: Bool) = (.min, false)

    init(
        id: StreamID, topic: String, configuration: StreamConfiguration, model: PipelineModel,
        codec: any PayloadCodec, preprocessor: StreamPreprocessor, lanes: [Int], policy: InsightPolicy,
        throttle: StatusThrottle,
        firstSeen: Timestamp
    ) {
        self.id = id
        self.topic = topic
        self.configuration = configuration
        self.model = model
        channels = configuration.channelNames
        self.codec = codec
        rows = SampleRows(channels: configuration.channels.count)
        self.preprocessor = preprocessor
        self.lanes = lanes
        history = StepHistory(
            channels: configuration.channels.count,
            width: configuration.channels.count * model.shape.patch,
            clip: Float(model.bundle.preprocessing.clip))
        self.policy = policy
        self.throttle = throttle
        self.firstSeen = firstSeen
        lastSeen = firstSeen
        quality = QualityWatch(preprocessor.counters, preprocessor.flaws)
        lateBefore = preprocessor.counters.late
        status = StreamStatus(ts: firstSeen, phase: .learning)
    }

    /// Of this run.
    var counts: StreamCounts {
        StreamCounts(late: preprocessor.counters.late - lateBefore, suppressed: policy.suppressed)
    }

    /// Goes on with the same bundle in another encoder.
    func move(to other: PipelineModel) {
        guard other !== model else { return }
        let state = LaneSnapshot.write(lanes, of: model.encoder)
        removeLanes()
        lanes = other.addLanes(channels: channels.count)
        model = other
        do {
            try LaneSnapshot.restore(lanes, of: other.encoder, from: state)
        } catch {
            preconditionFailure("\(other.name) does not know its own state: \(error)")
        }
    }

    /// Takes over what another life of the same stream has under way: samples, and the steps that a further encoder
    /// would be rehearsed with.
    func goOn(from other: StreamRuntime) {
        preprocessor = other.preprocessor
        history = other.history
        quality = other.quality
        lateBefore = preprocessor.counters.late
    }

    /// The last thing to do with it.
    func removeLanes() {
        for lane in lanes { model.encoder.removeLane(lane) }
        lanes = []
    }

    /// Whether event time `time` lies in a maintenance window.
    func isMuted(at time: Timestamp) -> Bool {
        guard !configuration.mute.isEmpty else { return false }
        let minute = time.milliseconds / 60_000
        if minute != muted.minute {
            let local = LocalTime(at: time)
            muted = (
                minute, configuration.mute.contains { $0.contains(weekday: local.weekday, minute: local.minute) }
            )
        }
        return muted.isMuted
    }

    /// Seconds of event time between steps: from the configuration, else the median of what was seen; nil while too
    /// little was.
    var stepSeconds: Double? {
        if let rate = configuration.rateHz { return Double(configuration.hop) / rate }
        // Arrivals come in bursts, so one patch of them says little.
        return sampleSeconds(of: configuration.time == nil ? 33 : 8).map { Double(configuration.hop) * $0 }
    }

    /// Whether so many seconds of silence are too many: more than configured, and more than three usual pauses.
    func isStale(after silence: Double) -> Bool {
        guard silence > configuration.staleAfterS else { return false }
        return silence > 3 * (configuration.rateHz.map { 1 / $0 } ?? usualPause ?? 0)
    }

    /// The longest but one of the last pauses between samples, in seconds: one alone may have been an outage, and a
    /// source may send in bursts.
    private var usualPause: Double? {
        let gaps = gaps(of: 8)
        return gaps.count >= 2 ? Double(gaps[gaps.count - 2]) / 1e6 : nil
    }

    private func sampleSeconds(of count: Int) -> Double? {
        let gaps = gaps(of: count)
        guard gaps.count == count - 1 else { return nil }
        return max(Double(gaps[gaps.count / 2]) / 1e6, 1e-3)
    }

    /// Microseconds between the newest samples, `count` at most, in ascending order.
    private func gaps(of count: Int) -> [Int64] {
        let times = preprocessor.recentSamples(limit: count).times
        return zip(times.dropFirst(), times).map { $0 - $1 }.sorted()
    }

    /// Share of each channel in the last score that counts, the adapted one's where a tail is in use, by name.
    var contributions: [String: Double] {
        let adapted = model.tier2?.scorer(of: id)
        guard let learner = adapted?.isActive == true ? adapted?.learner : self.learner else { return [:] }
        return Dictionary(uniqueKeysWithValues: zip(channels, learner.contributions.map { Double($0) }))
    }

    /// The channels that a flaw is about, by name, each with an equal share; nil: it is the stream's as a whole.
    func shares(of finding: QualityWatch.Finding) -> [String: Double]? {
        guard !finding.channels.isEmpty else { return nil }
        let share = 1 / Double(finding.channels.count)
        return Dictionary(uniqueKeysWithValues: finding.channels.map { (channels[$0], share) })
    }

    /// The samples up to `time`, for an insight.
    func context(upTo time: Timestamp) -> InsightContext? {
        let recent = preprocessor.recentSamples(limit: 64)
        let count = recent.times.prefix { $0 <= time }.count
        guard count > 0 else { return nil }
        var samples: [String: [Double?]] = [:]
        for (index, name) in channels.enumerated() {
            samples[name] = recent.values[..<count].map { $0[index].isFinite ? $0[index] : nil }
        }
        return InsightContext(ts: Array(recent.times[..<count]), samples: samples)
    }
}

/// What a stream counts.
struct StreamCounts: Equatable {
    /// Samples that came after their time had passed.
    var late: UInt64 = 0
    /// Insights that the rate limit kept back.
    var suppressed: UInt64 = 0

    static func + (left: StreamCounts, right: StreamCounts) -> StreamCounts {
        StreamCounts(late: left.late + right.late, suppressed: left.suppressed + right.suppressed)
    }
}
