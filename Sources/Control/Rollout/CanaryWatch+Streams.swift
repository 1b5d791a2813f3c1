import SedgeCore

/// Single streams. Each is held against what it was itself: one that is often silent, hard to read or full of alarms
/// must not take a change back.
extension CanaryWatch {
    /// Samples of the streams that the change touches.
    /// - Parameter listening: seconds for which the broker has been there.
    func streams(_ reading: CanaryReading, _ listening: Double) -> String? {
        let newcomers = reading.streams.contains { first.streams[$0] == nil && $1.decoded > 0 }
        for id in judged {
            guard let start = first.streams[id] else { continue }
            let now = (reading.streams[id] ?? start).counts(since: start)
            if let problem = unreadable(id, start, now) { return problem }
            guard touched.moved.contains(id), now.payloads == 0 else { continue }
            // Its topic brings streams of other names now.
            if newcomers, reading.streams[id] == nil { continue }
            if isMissed(start, after: listening) { return "no samples of stream \(id) come any more" }
        }
        return nil
    }

    private func unreadable(_ id: StreamID, _ start: StreamReading, _ now: StreamReading.Counts) -> String? {
        guard start.decoded > 0, now.failed >= limits.minimumUnread else { return nil }
        var usual = start.counts.failureShare
        if let recent = earlier?.streams[id].map(start.counts), recent.payloads >= limits.minimumPayloads {
            usual = max(usual, recent.failureShare)
        }
        // Of a slow stream a share says nothing yet, but that nothing at all can be read says enough.
        guard now.decoded == 0 || now.payloads >= limits.minimumPayloads,
            now.failureShare - usual > limits.decodeFailures
        else { return nil }
        return "\(now.failed) of \(now.payloads) payloads of stream \(id) can not be read"
    }

    /// Whether a stream should have been heard by now: silence says something of one that is never silent for so long,
    /// and that has been known for longer than that.
    func isMissed(_ stream: StreamReading, after listening: Double) -> Bool {
        stream.decoded >= limits.minimumPayloads && stream.age >= listening
            && listening >= min(limits.silence, seconds / 2)
            && listening >= stream.longestPause * limits.pauseFactor
    }

    /// Alarms of all streams that the change touches and of those that came with it; then of each, since many that are
    /// noisy hide one that explodes.
    func alarms(_ reading: CanaryReading, _ elapsed: Double) -> String? {
        let newcomers = reading.streams.filter { first.streams[$0.key] == nil }.values.reduce(0) { $0 + $1.alarms }
        if let text = exploded(judged, newcomers, reading, elapsed) {
            return "\(text) began within \(Int(elapsed)) s"
        }
        for id in judged {
            guard let text = exploded([id], 0, reading, elapsed) else { continue }
            return "\(text) of stream \(id) began within \(Int(elapsed)) s"
        }
        return nil
    }

    private func exploded(
        _ ids: [StreamID], _ newcomers: UInt64, _ reading: CanaryReading, _ elapsed: Double
    ) -> String? {
        var (count, lately, former) = (newcomers, UInt64(0), UInt64(0))
        for id in ids {
            guard let start = first.streams[id] else { continue }
            count += reading.streams[id]?.counts(since: start).alarms ?? 0
            lately += start.alarmsLately
            former += earlier?.streams[id].map(start.counts).map(\.alarms) ?? 0
        }
        let usual = earlier.map { Double(former) / (first.time - $0.time) * elapsed } ?? 0
        guard count > limits.alarms, count > lately, Double(count) > usual * limits.alarmFactor else { return nil }
        return count == 1 ? "1 anomaly" : "\(count) anomalies"
    }
}
