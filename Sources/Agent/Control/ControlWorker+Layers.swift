import Control
import Logging
import SedgeCore
import Store

/// What was recorded as the last good and is not in force all the same: the file as it is now does not go with it.
extension ControlWorker {
    /// What is recorded, as the file that holds now makes it; nil: it can not be read.
    var recorded: ControlMemory? {
        try? writer.sync { [file = layered.current.file] store in try ControlMemory(store, file: file) }
    }

    /// Another file may do, or the node hears a group again: what is missing among the layers is put back.
    func layAnew(_ memory: ControlMemory) {
        let current = layered.current
        let (recorded, _) = memory.layers(file: current.file)
        let isMissing = recorded.remote.keys.contains { current.remote[$0] == nil }
        guard isMissing || (current.bundle == nil && recorded.bundle != nil) else { return }
        let outcome = layered.change { layers in
            layers.remote = recorded.remote.merging(layers.remote) { $1 }
            layers.bundle = layers.bundle ?? recorded.bundle
            layers.omission = recorded.omission
        }
        if case .refused(let error) = outcome {
            layered.omit(LayeredConfiguration.omission(error))
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
