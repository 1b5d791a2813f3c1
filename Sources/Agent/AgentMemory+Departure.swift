import Messaging
import SedgeCore
import Store

extension AgentMemory {
    /// The ends of a departed stream's anomaly and label, which subscribers wait for, with the checkpoint that says they
    /// were told. Nil where none is open.
    ///
    /// - Parameter config: name of the configuration that holds now.
    func farewell(
        to stream: StoredStream, node: NodeID, now: Timestamp, config: String, clock: ClockQuality
    ) -> (insights: [Insight], checkpoint: Checkpoint)? {
        guard let bytes = checkpoints[stream.id]?["stream"], var snapshot = try? StreamSnapshot(bytes) else {
            return nil
        }
        var insights: [Insight] = []
        if let event = snapshot.openEvent.take() {
            var insight = Insight(id: event.id, kind: .anomaly, phase: .end, node: node, stream: stream.id, ts: now)
            insight.start = event.start
            insight.severity = event.severity
            insights.append(insight)
        }
        if let label = snapshot.openLabel.take() {
            var insight = Insight(id: label.id, kind: .label, phase: .end, node: node, stream: stream.id, ts: now)
            insight.start = label.start
            insight.detail = label.name
            insights.append(insight)
        }
        guard !insights.isEmpty else { return nil }
        for index in insights.indices {
            insights[index].end = max(insights[index].start ?? now, stream.lastSeen)
            insights[index].model = snapshot.model
            insights[index].config = config
            insights[index].clock = clock
        }
        return (insights, Checkpoint(stream: stream.id, part: "stream", data: snapshot.bytes()))
    }
}

extension AgentMemory {
    /// What is left of streams that have gone, and of topics that are not among those written now.
    func leftovers(of departed: [StoredStream], _ topics: Topics, written: Set<String>) -> Announcer.Leftovers {
        let former =
            streams.flatMap(\.retainedTopics) + departed.flatMap { topics.retained($0.id) } + nodeTopics
        return Announcer.Leftovers(
            streams: departed.map(\.id), topics: Set(former).subtracting(written).sorted())
    }
}

extension StoredStream {
    /// Heard so long ago that it makes room for others. A clock that can not be trusted, now or then, tells no age.
    func isLongGone(now: Timestamp, days: Int, clock: ClockQuality) -> Bool {
        guard clock == .synced, lastSeen > ClockQuality.earliest else { return false }
        return now - lastSeen > Int64(days) * 86_400_000_000
    }
}
