import Adaptation
import Preprocessing
import SedgeCore
import Store

extension Pipeline {
    /// What is saved hourly and at shutdown alone, since it is large.
    static let hourlyParts: Set<String> = ["lanes", "recent"]

    /// Learned state of every stream; encoder state only where asked, since it is large.
    func checkpoints(includingLanes: Bool) -> [Checkpoint] {
        streams.flatMap { checkpoints(of: $0, includingLanes: includingLanes) }
    }

    func checkpoints(of stream: StreamRuntime, includingLanes: Bool) -> [Checkpoint] {
        var parts = [Checkpoint(stream: stream.id, part: "preprocessor", data: stream.preprocessor.snapshot())]
        if let learner = stream.learner {
            parts.append(Checkpoint(stream: stream.id, part: "learner", data: learner.snapshot()))
        }
        if let forecaster = stream.forecaster {
            parts.append(Checkpoint(stream: stream.id, part: "forecast", data: forecaster.snapshot()))
        }
        if let small = smallCheckpoint(of: stream) { parts.append(small) }
        if let adapted = adaptedCheckpoint(of: stream) { parts.append(adapted) }
        if includingLanes {
            let data = LaneSnapshot.write(stream.lanes, of: stream.model.encoder)
            parts.append(Checkpoint(stream: stream.id, part: "lanes", data: data))
            if let recent = stream.recent {
                parts.append(Checkpoint(stream: stream.id, part: "recent", data: recent.snapshot()))
            }
        }
        return parts
    }

    func smallCheckpoint(of stream: StreamRuntime) -> Checkpoint? {
        guard let learner = stream.learner else { return nil }
        let snapshot = StreamSnapshot(
            model: stream.model.name, shape: stream.configuration.shape, stepSeconds: learner.configuration.stepSeconds,
            openEvent: stream.policy.openEvent, openLabel: stream.policy.openLabel)
        return Checkpoint(stream: stream.id, part: "stream", data: snapshot.bytes())
    }
}
