import Control
import Logging
import SedgeCore
import Store
import Synchronization

/// Changes from afar: hears the control topics, and has a thread of its own that does what `ControlNode` decides.
final class RemoteControl: Sendable {
    /// What it needs of its agent.
    struct Hooks: Sendable {
        let check: LayeredConfiguration.Check
        let apply: LayeredConfiguration.Apply
        let observe: @Sendable () -> AgentObservations
        /// Fingerprint of the bundle in force.
        let model: @Sendable () -> String
        let publish: @Sendable (_ topic: String, _ payload: [UInt8]) -> Bool
        /// Topic filters on the broker that insights go to; one of them anew, for what the broker retains.
        let subscribe: @Sendable (_ filters: [String], _ anew: String?) -> Void
        /// A version lies ready for Home Assistant's button, or none.
        let offer: @Sendable (_ version: Int64?) -> Void
        /// Whether any key is trusted, so that models can be sent.
        let takesModels: @Sendable (Bool) -> Void
        let isClockSynced: @Sendable () -> Bool
    }

    let topics: ControlTopics
    let node: NodeID
    private let inbox = ControlInbox()
    private let layered: LayeredConfiguration
    private let worker: Mutex<Handover<ControlWorker>?>
    private let thread = Mutex<WorkerThread?>(nil)
    /// Control topics begin with it.
    private let prefix: [UInt8]

    init(
        memory: ControlMemory, layers: LayeredConfiguration.Layers, writer: StoreWriter, hooks: Hooks, log: Logger
    ) {
        topics = ControlTopics(base: layers.file.mqtt.baseTopic)
        node = layers.file.node
        prefix = Array("\(topics.base)/".utf8)
        layered = LayeredConfiguration(layers, check: hooks.check, apply: hooks.apply)
        worker = Mutex(
            Handover(
                ControlWorker(
                    memory: memory, layered: layered, topics: topics, writer: writer, hooks: hooks, log: log)))
    }

    func start() {
        guard let worker = worker.withLock({ $0.take() }) else { return }
        thread.withLock { $0 = WorkerThread(name: "sedge-control") { [inbox] in worker.value.run(inbox) } }
    }

    /// What is under way goes on at the next start.
    func stop() {
        inbox.close()
        thread.withLock { $0.take() }?.join()
    }

    /// A message came; false when it is not for remote control. Called for every sample, so most are told apart by
    /// their first bytes.
    func takes(topic: UnsafeRawBufferPointer, payload: UnsafeRawBufferPointer, isRetained: Bool) -> Bool {
        guard topic.starts(with: prefix) else { return false }
        let text = String(decoding: topic, as: UTF8.self)
        guard let address = topics.address(text, node: node) else { return false }
        let message = ControlInbox.Item.message(topic: text, payload: Array(payload), isRetained: isRetained)
        if !inbox.push(message), case .desired = address { inbox.miss(address) }
        return true
    }

    func connected() { inbox.push(.connected) }

    /// The file holds another configuration; what was sent stays over it.
    func fileChanged(_ configuration: Configuration) -> ReloadOutcome {
        let outcome = layered.change { $0.file = configuration }
        // Also where the file says the same: what it names may be there now.
        if case .refused = outcome { return outcome }
        inbox.push(.file)
        return outcome
    }
}
