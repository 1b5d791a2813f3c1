import Adaptation
import Inference
import Ingest
import Logging
import Preprocessing
import SedgeCore
import Store

/// What became of the streams when the pipeline went over to another configuration.
struct AdoptionReport: Equatable {
    /// Went on as if nothing had happened.
    var kept = 0
    /// Of another shape or model now.
    var restarted: [StreamID] = []
    var departed: [StreamID] = []
    /// Read or judged in another way, restarted or not.
    var altered: [StreamID] = []
    /// Under another topic, also those that will be there when the first sample comes.
    var moved: [StreamID] = []
}

extension Pipeline {
    /// Goes over to another configuration, between two batches. A stream whose shape and model stay keeps everything:
    /// windows, encoder state, what was learned, counters. What the others had learned is kept for an hour, in case the
    /// configuration is taken back.
    func adopt(_ staged: StagedConfiguration, now: Timestamp, monotonic: Int64) -> AdoptionReport {
        let former = (configuration, streams)
        configuration = staged.configuration
        configurationName = staged.name
        factory.configuration = staged.configuration
        let formerModels = models.all
        models = staged.models(reusing: formerModels)
        renewTier2(former: formerModels)
        table = StreamTable(patterns: staged.patterns)
        streams = []
        var report = AdoptionReport()
        var restarted: [(stream: StreamRuntime, rehearsal: Rehearsal?)] = []
        for stream in former.1 {
            let topic = staged.topic(of: stream)
            if topic != stream.topic || goesOnElsewhere(stream, former.0) { report.moved.append(stream.id) }
            var bytes = topic
            let found = bytes.withUTF8 { table.lookup(topic: UnsafeRawBufferPointer($0)) }
            // Known: another stream's topic has become this one's name.
            guard case .new(_, let pattern, let id) = found else {
                report.departed.append(stream.id)
                depart(stream, now, monotonic)
                continue
            }
            let configured = configuration.streams[pattern]
            let model = models.model(for: configured)
            if id == stream.id, model.name == stream.model.name, configured.shape == stream.configuration.shape {
                if configured != stream.configuration { report.altered.append(id) }
                stream.move(to: model)
                stream.topic = topic
                reconfigure(stream, configured, former.0)
                model.tier2?.keep(stream)
                streams.append(stream)
                report.kept += 1
            } else if id == stream.id {
                let rehearsal = restart(stream, topic, pattern, now, monotonic)
                restarted.append((streams[streams.count - 1], rehearsal))
                report.restarted.append(id)
                report.altered.append(id)
            } else {
                report.departed.append(stream.id)
                depart(stream, now, monotonic)
                _ = addStream(id, topic: topic, pattern: pattern, now: now)
            }
        }
        rehearse(restarted.compactMap(\.rehearsal))
        for (stream, rehearsal) in restarted { settle(stream, rehearsal) }
        // An id that left under one topic may have come under another.
        report.departed.removeAll { id in streams.contains { $0.id == id } }
        return report
    }

    /// Whether the table that a stream came by is still there, under a topic that is new: the stream is expected there.
    private func goesOnElsewhere(_ stream: StreamRuntime, _ former: Configuration) -> Bool {
        var table = stream.configuration
        guard !configuration.streams.contains(where: { $0.topic == table.topic }) else { return false }
        return configuration.streams.contains { new in
            guard !former.streams.contains(where: { $0.topic == new.topic }) else { return false }
            table.topic = new.topic
            return table == new || (table.id != nil && table.id == new.id)
        }
    }

    /// The same stream with other settings.
    private func reconfigure(_ stream: StreamRuntime, _ new: StreamConfiguration, _ former: Configuration) {
        let old = stream.configuration
        stream.configuration = new
        stream.policy.configuration = new
        if old.time != new.time { stream.codec = StreamFactory.codec(for: new) }
        let settings = StreamFactory.settings(for: new, stream.model.bundle)
        if settings != stream.preprocessor.settings,
            let moved = try? StreamPreprocessor(settings, restoring: stream.preprocessor.snapshot())
        {
            stream.preprocessor = moved
            stream.quality.restarted(moved.flaws)
        }
        if former.adaptation.alarmsPerWeek != configuration.adaptation.alarmsPerWeek, let learner = stream.learner {
            let learning = factory.learnerConfiguration(for: stream, stepSeconds: learner.configuration.stepSeconds)
            if let moved = try? StreamLearner(learning, restoring: learner.snapshot()) { stream.learner = moved }
            teach(stream)
        }
        if !new.insights.contains(.forecast) {
            (stream.forecaster, stream.forecast) = (nil, nil)
        } else if stream.forecaster == nil, let learner = stream.learner {
            stream.forecaster = factory.makeForecaster(
                for: stream, stepSeconds: learner.configuration.stepSeconds)
        }
        if former.mqtt.stateIntervalMS != configuration.mqtt.stateIntervalMS {
            stream.throttle = StatusThrottle(intervalMS: configuration.mqtt.stateIntervalMS)
        }
        // A stream that is silent for the moment says at once which configuration holds.
        stream.status.config = configurationName
    }

    /// The same stream, read or judged in another way: it goes on with what it knew under that way before, or learns
    /// afresh. Under another encoder alone, it is rehearsed with what the former one saw last.
    private func restart(
        _ stream: StreamRuntime, _ topic: String, _ pattern: Int, _ now: Timestamp, _ monotonic: Int64
    ) -> Rehearsal? {
        let event = stream.policy.openEvent
        if let end = stream.policy.farewellLabel(at: now, last: stream.lastSeen) {
            outlet.submit([complete(end, of: stream)], nil)
        }
        retire(stream, monotonic)
        let fresh = addStream(stream.id, topic: topic, pattern: pattern, now: now)
        fresh.policy.adopt(event)
        fresh.lastSeen = stream.lastSeen
        fresh.lastArrival = stream.lastArrival
        fresh.status.ts = stream.status.ts
        fresh.status.anomaly = event != nil
        fresh.isSilent = stream.isSilent
        guard fresh.configuration.shape == stream.configuration.shape,
            fresh.preprocessor.settings == stream.preprocessor.settings
        else { return nil }
        fresh.goOn(from: stream)
        guard fresh.learner == nil, let learner = stream.learner else { return nil }
        return Rehearsal(
            stream: fresh, history: stream.history, stepSeconds: learner.configuration.stepSeconds)
    }

    /// Says which way a restarted stream went.
    private func settle(_ stream: StreamRuntime, _ rehearsal: Rehearsal?) {
        let isCalibrated = stream.learner?.isCalibrated == true
        stream.livePhase = isCalibrated ? .ready : .learning
        let text =
            if !isCalibrated {
                "the stream learns afresh"
            } else if rehearsal != nil {
                "the stream's statistics are rebuilt from its last steps"
            } else {
                "the stream goes on with what it knew"
            }
        log.notice(
            "\(text)",
            metadata: [
                "stream": "\(stream.id)", "model": "\(stream.model.name)", "shape": "\(stream.configuration.shape)",
            ])
    }

    /// It has gone from the configuration: its anomaly ends.
    private func depart(_ stream: StreamRuntime, _ now: Timestamp, _ monotonic: Int64) {
        let ends = [
            stream.policy.farewell(at: now, last: stream.lastSeen),
            stream.policy.farewellLabel(at: now, last: stream.lastSeen),
        ].compactMap { $0.map { complete($0, of: stream) } }
        if !ends.isEmpty { outlet.submit(ends, smallCheckpoint(of: stream)) }
        retire(stream, monotonic)
    }

    /// Of as many streams that left as the archive keeps.
    private static var talliesKept: Int { 512 }

    private func retire(_ stream: StreamRuntime, _ monotonic: Int64) {
        countsOfGone = countsOfGone + stream.counts
        if talliesOfGone.count < Self.talliesKept { talliesOfGone[stream.id] = stream.tally }
        // Subscribers will not wait for the end of an anomaly that an archived stream knows of.
        stream.policy.adopt(nil)
        let parts = checkpoints(of: stream, includingLanes: true).map { ($0.part, $0.data) }
        factory.archive.put(
            Dictionary(parts, uniquingKeysWith: { $1 }), of: stream.id, model: stream.model.name,
            shape: stream.configuration.shape, now: monotonic)
        stream.model.tier2?.detach(stream)
        stream.removeLanes()
    }
}
