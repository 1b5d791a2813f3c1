import SedgeCore
import Store

extension AgentMemory {
    /// The end of a departed stream's anomaly, which subscribers wait for, with the checkpoint that says it was told.
    /// Nil where none is open.
    func farewell(to stream: StoredStream, node: NodeID, now: Timestamp) -> (insight: Insight, checkpoint: Checkpoint)?
    {
        guard let bytes = checkpoints[stream.id]?["stream"], var snapshot = try? StreamSnapshot(bytes),
            let event = snapshot.openEvent.take()
        else { return nil }
        var insight = Insight(id: event.id, kind: .anomaly, phase: .end, node: node, stream: stream.id, ts: now)
        insight.start = event.start
        insight.end = max(event.start, stream.lastSeen)
        insight.severity = event.severity
        insight.model = snapshot.model
        return (insight, Checkpoint(stream: stream.id, part: "stream", data: snapshot.bytes()))
    }
}
