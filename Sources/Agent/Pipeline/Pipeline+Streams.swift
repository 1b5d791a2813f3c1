import Adaptation
import Ingest
import Logging
import Preprocessing
import SedgeCore
import Store

extension Pipeline {
    func addStream(_ id: StreamID, topic: String, pattern: Int, now: Timestamp) -> StreamRuntime {
        let model = models.model(for: configuration.streams[pattern])
        let (stream, complaints) = factory.make(id, topic: topic, pattern: pattern, model: model, now: now)
        for complaint in complaints {
            log.warning("learned state was lost", metadata: ["stream": "\(id)", "reason": "\(complaint)"])
        }
        if let complaint = model.tier2?.attach(stream, saved: stream.savedAdaptation.take()) {
            log.warning("learned state was lost", metadata: ["stream": "\(id)", "reason": "\(complaint)"])
        }
        if let tally = talliesOfGone.removeValue(forKey: id) { stream.tally = tally }
        // What a broker retains may be all that there is of it: no sign of life.
        if let newest = stream.preprocessor.newestTime { stream.lastSeen = min(now, newest) }
        stream.status.model = model.name
        stream.status.config = configurationName
        streams.append(stream)
        teach(stream)
        precondition(streams.count == table.streams.count, "a stream's place is its place in the table")
        outlet.streamAdded(id, topic: topic)
        return stream
    }

    /// Brings back the streams of an earlier run. From a full table those leave that were silent for as long as
    /// insights are kept, unless the configuration names them: else whatever names a `{stream}` pattern ever had would
    /// fill it for good.
    ///
    /// - Returns: those that have gone.
    func revive(
        _ stored: [StoredStream], named: Set<StreamID>, now: Timestamp, monotonic: Int64
    ) -> [StoredStream] {
        let isFull = stored.count >= StreamTable.limit
        let (days, clock) = (configuration.store.retentionDays, outlet.clockQuality)
        return stored.filter { stream in
            if isFull, !named.contains(stream.id), stream.isLongGone(now: now, days: days, clock: clock) {
                return true
            }
            return !revive(
                stream.id, topic: stream.topic, lastSeen: stream.lastSeen, now: now, monotonic: monotonic)
        }
    }

    /// Brings back a stream of an earlier run, so that its state is true before its first sample: silent if it was
    /// heard too long ago. False when its topic now belongs to no pattern, or to a stream of another name.
    func revive(_ id: StreamID, topic: String, lastSeen: Timestamp, now: Timestamp, monotonic: Int64 = 0) -> Bool {
        var bytes = topic
        let found = bytes.withUTF8 { table.lookup(topic: UnsafeRawBufferPointer($0)) }
        // What the table has entered has to be entered here too, whatever its name is now.
        guard case .new(_, let pattern, let newID) = found else { return streams.contains { $0.id == id } }
        let stream = addStream(newID, topic: topic, pattern: pattern, now: now)
        guard newID == id else { return false }
        stream.lastSeen = lastSeen
        stream.status.ts = lastSeen
        stream.status.anomaly = stream.policy.openEvent != nil
        stream.livePhase = stream.learner?.isCalibrated == true ? .ready : .learning
        // A clock that is behind what was seen tells no silence; the time without samples from now on does.
        let silence = max(0, min(Double(now - lastSeen) / 1e6, 1e9))
        stream.lastArrival = monotonic - Int64(silence * 1e9)
        stream.isSilent = stream.isStale(after: silence)
        return true
    }
}
