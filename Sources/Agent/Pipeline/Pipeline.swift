import Adaptation
import Inference
import Ingest
import Logging
import Preprocessing
import SedgeCore
import Store

/// The way of a sample, on a thread of its own: messages in, states and insights out.
///
/// This thread alone owns the streams and the encoder. What leaves goes through `outlet`.
final class Pipeline {
    // What a reload changes is internal for its extension alone.
    var configuration: Configuration
    var configurationName: String
    let outlet: any PipelineOutlet
    let log: Logger
    var models: PipelineModels {
        didSet { running = models.all }
    }
    /// `models.all`, kept since every batch asks for it.
    private var running: [PipelineModel]
    var factory: StreamFactory
    var table: StreamTable
    var streams: [StreamRuntime] = []
    /// Makes tier 2 for the models where the configuration asks for it; nil: it can not be had.
    var tier2Source: (any Tier2Source)?
    /// Streams that got samples since the last steps.
    private var touched: [StreamRuntime] = []
    /// What people said, by stream.
    var books: [StreamID: FeedbackBook] = [:]
    /// Of streams that left, so that counts never go back.
    var countsOfGone = StreamCounts()
    var talliesOfGone: [StreamID: StreamTally] = [:]
    private(set) var decoded: UInt64 = 0
    /// Whether nothing is learned any more, while everything is judged as before. For evaluations.
    var isFrozen = false
    private(set) var decodeErrors: UInt64 = 0
    /// Messages that could not become a stream's.
    private(set) var unassigned: UInt64 = 0
    private var refusalLimit = LogLimit()
    /// Called again and again during what may take seconds, for whoever waits for a sign of life.
    var whileBusy: () -> Void = {}

    init(
        configuration: Configuration, configurationName: String, models: PipelineModels, factory: StreamFactory,
        table: StreamTable, outlet: any PipelineOutlet, log: Logger, feedback: [StoredFeedback] = []
    ) {
        self.configuration = configuration
        self.configurationName = configurationName
        self.outlet = outlet
        self.log = log
        self.models = models
        running = models.all
        self.factory = factory
        self.table = table
        for entry in feedback { books[entry.stream, default: FeedbackBook()].add(entry) }
    }

    /// Late and suppressed of all streams since the start.
    var counts: StreamCounts { streams.reduce(countsOfGone) { $0 + $1.counts } }

    /// Reads some of the messages in `buffer`, runs the steps that became due, hands out what they say.
    func process(_ buffer: MessageBuffer, _ unread: Range<Int>, monotonic: Int64) {
        for index in unread { receive(buffer, buffer.records[index], monotonic) }
        runSteps(monotonic)
    }

    /// Lets time pass: samples that waited long enough for earlier ones go on, silent streams become stale.
    func advance(to now: Timestamp, monotonic: Int64) {
        for stream in streams {
            stream.preprocessor.advance(to: now)
            touch(stream)
            // One that was never heard is silent from the first look on.
            let last = stream.lastArrival ?? monotonic
            stream.lastArrival = last
            if !stream.isSilent { stream.isSilent = stream.isStale(after: Double(monotonic - last) / 1e9) }
        }
        runSteps(monotonic)
    }

    /// Publishes every state that is due.
    func publishStates(monotonic: Int64) {
        for stream in streams { publishState(of: stream, monotonic) }
    }

    /// After a new connection: what the broker holds is unknown.
    func forgetPublished() {
        for stream in streams { stream.throttle.forget() }
    }

    // MARK: A message

    private func receive(_ buffer: MessageBuffer, _ record: MessageBuffer.Record, _ monotonic: Int64) {
        guard let stream = stream(for: buffer.topic(of: record), record.arrival, monotonic) else { return }
        stream.tally.arrived(monotonic)
        do {
            touch(stream)
            let newest = try stream.read(
                buffer.payload(of: record), arrival: record.arrival, isRetained: record.isRetained,
                learns: configuration.adaptation.enabled && !isFrozen
            ) {
                runSteps(monotonic)
                touch(stream)
            }
            decoded += 1
            stream.tally.read()
            guard let newest else { return }
            heard(stream, newest, record.arrival, monotonic)
        } catch {
            decodeErrors += 1
            stream.tally.couldNotRead()
            stream.decodeCounters.record(error)
            guard stream.decodeCounters.shouldLog(now: record.arrival) else { return }
            log.warning(
                "a payload can not be read",
                metadata: [
                    "stream": "\(stream.id)", "error": "\(error)",
                    "failed_total": "\(stream.decodeCounters.failures)",
                ])
        }
    }

    private func heard(_ stream: StreamRuntime, _ newest: Timestamp, _ arrival: Timestamp, _ monotonic: Int64) {
        stream.lastArrival = monotonic
        stream.lastSeen = arrival
        stream.isSilent = false
        // Before its first step a stream has no other time to show.
        if stream.learner == nil { stream.status.ts = newest }
        if stream.isMuted(at: newest) {
            return stream.quality.pass(stream.preprocessor.counters, stream.preprocessor.flaws)
        }
        guard
            let found = stream.quality.finding(
                in: stream.preprocessor.counters, stream.preprocessor.flaws, now: monotonic)
        else { return }
        // A stream without a rate pauses by nature.
        if found.flaw == .gap, stream.configuration.rateHz == nil { return }
        if let insight = stream.policy.quality(found.flaw.rawValue, channels: stream.shares(of: found), at: newest) {
            outlet.submit([complete(insight, of: stream)], nil)
        }
    }

    private func stream(for topic: UnsafeRawBufferPointer, _ now: Timestamp, _ monotonic: Int64) -> StreamRuntime? {
        let lookup = table.lookup(topic: topic)
        switch lookup {
        case .known(let index): return streams[index]
        case .new(_, let pattern, let id):
            return addStream(id, topic: String(decoding: topic, as: UTF8.self), pattern: pattern, now: now)
        case .unmatched: return nil
        case .refused, .full:
            unassigned += 1
            if refusalLimit.allows(now: monotonic) {
                log.warning(
                    "a topic can not become a stream",
                    metadata: [
                        "topic": "\(String(decoding: topic.prefix(200), as: UTF8.self))",
                        "reason": "\(lookup.complaint)",
                    ])
            }
            return nil
        }
    }

    // MARK: Steps

    private func touch(_ stream: StreamRuntime) {
        guard !stream.isTouched else { return }
        stream.isTouched = true
        touched.append(stream)
    }

    private func runSteps(_ monotonic: Int64) {
        while !touched.isEmpty {
            for model in running { model.batch.removeAll() }
            // A stream gives one step a batch, since its next one needs the encoder state that this one leaves.
            touched.removeAll { stream in
                if stream.model.batch.isFull || stream.model.batch.take(from: stream) { return false }
                stream.isTouched = false
                return true
            }
            for model in running where !model.batch.entries.isEmpty {
                model.batch.run(model.encoder, model.tier2)
                for entry in model.batch.entries { observe(entry, in: model.batch, monotonic) }
            }
        }
    }

    private func observe(_ entry: StepBatch.Entry, in batch: StepBatch, _ monotonic: Int64) {
        let stream = entry.stream
        let time = entry.header.time
        guard prepareLearner(of: stream) else {
            stream.status.ts = time
            return
        }
        let isMuted = stream.isMuted(at: time)
        let isMeasured = entry.header.isMeasured(channels: stream.channels.count)
        let learns = configuration.adaptation.enabled && !isMuted && isMeasured
        let (embeddings, seen, levels) = (batch.embeddings, batch.seen, batch.levels)
        stream.learner!.isFrozen = isFrozen
        var verdict = stream.learner!.observe(
            time: time, embeddings: embeddings.span.extracting(batch.embeddings(of: entry)),
            patches: seen.span.extracting(entry.seen), levels: levels.span.extracting(batch.levels(of: entry)),
            learns: learns, isMuted: isMuted)
        stream.preprocessor.followsLevel = !verdict.isSuspicious
        if verdict.hasAcceptedChange { stream.preprocessor.rebaseline() }
        if isMeasured, let learner = stream.learner {
            stream.recent?.append(time: time, vector: learner.stepFeatures, state: verdict.stateNumber ?? 0)
        }
        if let tier2 = stream.model.tier2 { verdict = adapt(entry, batch, tier2, learns: learns, frozen: verdict) }
        let before = (stream.policy.openEvent?.id, stream.policy.openLabel?.id)
        var said = stream.policy.insights(for: verdict, at: time, isMuted: isMuted) {
            InsightPolicy.Evidence(channels: stream.contributions, context: stream.context(upTo: time))
        }
        if let forecast = forecast(entry, in: batch, learns: learns && !isFrozen, isMuted: isMuted), !isMuted,
            stream.takeForecastTurn(at: time), let insight = stream.policy.forecast(forecast, at: time)
        {
            said.append(insight)
        }
        if !said.isEmpty {
            // Which anomaly and label are open has to be known after a crash, or nobody ends them.
            let changed = (stream.policy.openEvent?.id, stream.policy.openLabel?.id) != before
            if said.contains(where: { $0.kind == .anomaly && $0.phase == .start }) { stream.tally.alarmed(monotonic) }
            outlet.submit(said.map { complete($0, of: stream) }, changed ? smallCheckpoint(of: stream) : nil)
        }
        stream.history.append(
            time: time, learned: learns && !verdict.isAlarming,
            patches: batch.patches.span.extracting(batch.patches(of: entry)),
            levels: levels.span.extracting(batch.levels(of: entry)))
        stream.status = status(of: stream, verdict, time, isMuted)
        // With an interval of 0 every step is a state of its own.
        if configuration.mqtt.stateIntervalMS == 0 { publishState(of: stream, monotonic) }
    }

    /// Whether the stream has a learner; it gets one as soon as the time between steps is known.
    private func prepareLearner(of stream: StreamRuntime) -> Bool {
        if stream.learner == nil, let seconds = stream.stepSeconds {
            equip(stream, stepSeconds: seconds)
        }
        return stream.learner != nil
    }

    /// Gives a stream a learner, and all that goes with one.
    func equip(_ stream: StreamRuntime, stepSeconds: Double) {
        let learner = factory.makeLearner(for: stream, stepSeconds: stepSeconds)
        stream.recent = RecentSteps(dimension: learner.featureDimension)
        stream.learner = learner
        stream.forecaster = factory.makeForecaster(for: stream, stepSeconds: stepSeconds)
        teach(stream)
    }

    /// What comes next for the stream of a step, where that is asked for and known.
    private func forecast(
        _ entry: StepBatch.Entry, in batch: StepBatch, learns: Bool, isMuted: Bool
    ) -> InsightForecast? {
        let stream = entry.stream
        guard stream.forecaster != nil else { return nil }
        let (embeddings, seen) = (batch.embeddings, batch.seen)
        let levels = stream.forecaster?.observe(
            time: entry.header.time, embeddings: embeddings.span.extracting(batch.embeddings(of: entry)),
            patches: seen.span.extracting(entry.seen), learns: learns, isMuted: isMuted)
        stream.forecast = levels.map(stream.forecast)
        return stream.forecast
    }

    private func status(
        of stream: StreamRuntime, _ verdict: LearnerVerdict, _ time: Timestamp, _ isMuted: Bool
    ) -> StreamStatus {
        stream.livePhase = isMuted ? .muted : verdict.isCalibrated ? .ready : .learning
        // Rows that were waiting do not bring a silent stream back; a sample does.
        var status = StreamStatus(ts: time, phase: stream.phase, anomaly: stream.policy.openEvent != nil)
        if verdict.isCalibrated {
            status.score = verdict.score
            status.eventScore = verdict.eventScore
            status.pValue = verdict.pValue
            status.drift = verdict.isDrifting
        }
        status.state = verdict.regimeName
        status.label = verdict.label?.name
        status.forecast = stream.forecast?.channels[stream.channels[0]]?.p50[Forecaster.main]
        status.model = stream.model.name
        status.config = configurationName
        return status
    }

    private func publishState(of stream: StreamRuntime, _ monotonic: Int64) {
        guard stream.throttle.isDue(stream.status, now: monotonic),
            outlet.publish(stream.status, of: stream.id)
        else { return }
        stream.throttle.published(stream.status, now: monotonic)
    }

    /// Puts in what every insight carries.
    func complete(_ insight: Insight, of stream: StreamRuntime) -> Insight {
        var insight = insight
        insight.model = stream.model.name
        insight.config = configurationName
        insight.clock = outlet.clockQuality
        return insight
    }
}
