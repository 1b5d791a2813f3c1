import Control
import Logging
import SedgeCore

/// What was recorded as the last good and is not in force all the same: the file as it is now does not go with it.
extension ControlWorker {
    /// Another file may do, or the node hears a group again: what is missing among the layers is put back.
    func layAnew(_ memory: ControlMemory, over file: Configuration) {
        let (recorded, lost) = memory.layers(file: file)
        let current = layered.current
        let isMissing = recorded.remote.keys.contains { current.remote[$0] == nil }
        guard isMissing || (current.bundle == nil && recorded.bundle != nil) else { return }
        let outcome = layered.change { layers in
            layers.remote = recorded.remote.merging(layers.remote) { $1 }
            layers.bundle = layers.bundle ?? recorded.bundle
            layers.omission = lost.isEmpty ? nil : "it is lost: \(lost.joined(separator: "; "))"
        }
        if case .refused(let error) = outcome {
            layered.omit("it can not be laid over the file: \(error)")
            log.error("what was sent can not be used, the file holds", metadata: ["error": "\(error)"])
        }
        for subject in [ControlSubject.configuration, .model] {
            publish(subject, node.standing(subject, now: SystemTime.now()))
        }
    }

    /// A report that calls nothing active but what is at work.
    func inForce(_ subject: ControlSubject, _ state: ReportedState) -> ReportedState {
        let layers = layered.current
        var state = state
        switch subject {
        case .configuration:
            let laid = Set(layers.remote.keys.map { "\($0)" })
            state.active = state.active.filter { laid.contains($0.key) }
        case .model: if layers.bundle == nil { state.active = [:] }
        case .keys: return state
        }
        if state.status == "active", let target = state.target, state.active[target] == nil {
            state.status = "reverted"
            state.reason = layers.omission ?? "it is not among the layers"
        }
        return state
    }
}
