import Control
import Inference
import Logging
import SedgeCore
import Store

/// Does what `ControlNode` decides; on one thread.
final class ControlWorker {
    let layered: LayeredConfiguration
    let hooks: RemoteControl.Hooks
    let log: Logger
    let folder: ModelFolder
    private let topics: ControlTopics
    let writer: StoreWriter
    var node: ControlNode
    /// Payloads of what holds and of what is under way, by transaction.
    var payloads: [String: [UInt8]]
    /// What is being watched, and of which transaction.
    var watches: [ControlSubject: (transaction: String, watch: CanaryWatch)] = [:]
    /// Readings of the last two minutes, oldest first.
    var readings: [CanaryReading] = []
    /// What a change is judged by.
    var trials: [ControlSubject: CanaryTrial] = [:]
    /// What was judged and could not be taken back yet, and why.
    var unreverted: [ControlSubject: (candidate: Candidate, reason: String)] = [:]
    /// When that is tried again, on the clock that never jumps.
    var revertsAgain: Int64 = 0
    /// The file holds something else, and that has not been looked at.
    private var isFileNew = false
    var refusals = RefusalTally()
    /// Where messages came for which there was no room; the broker may retain them.
    var missed: Set<ControlTopics.Address> = []
    /// Nanoseconds that the last message took to verify and to validate.
    var verifying: Int64 = 0
    /// Bundles that come in parts; one a scope.
    var fetches: [EnvelopeScope: PartsFetch] = [:]
    /// Reports that no broker has yet, by subject; the latest each.
    private var unsent: [ControlSubject: ReportedState] = [:]
    private var latest: [ControlSubject: ReportedState] = [:]
    /// States that are not known for good, by transaction.
    var unrecorded: [String: Unrecorded] = [:]

    init(
        memory: ControlMemory, layered: LayeredConfiguration, topics: ControlTopics, writer: StoreWriter,
        hooks: RemoteControl.Hooks, log: Logger
    ) {
        node = memory.node
        payloads = memory.payloads
        folder = memory.folder
        self.layered = layered
        self.topics = topics
        self.writer = writer
        self.hooks = hooks
        self.log = log
    }

    func run(_ inbox: ControlInbox) {
        subscribe()
        start()
        while !inbox.isClosed {
            for item in inbox.take(within: watches.isEmpty ? 250 : 100) where !inbox.isClosed { handle(item) }
            tendMissed(inbox.takeMissed(), isOver: inbox.isEmpty)
            let now = SystemTime.monotonicNanoseconds()
            observe(now)
            take { $0.tick(now: SystemTime.now(), isClockSynced: self.hooks.isClockSynced()) }
            recordLate()
            writeRefusals(now)
            revertLate(now)
            if isFileNew { readFile() }
            tendFetches(now)
            flush()
        }
        writeRefusals(SystemTime.monotonicNanoseconds(), isLast: true)
    }

    /// Goes on where the last run of the process ended, wherever that was.
    func start() {
        removeUnnamedBundles()
        noteReadyModels()
        for subject in ControlSubject.allCases {
            latest[subject] = completed(subject, node.standing(subject, now: SystemTime.now()))
        }
        perform(node.resumed())
    }

    private func handle(_ item: ControlInbox.Item) {
        switch item {
        case .connected: unsent = latest
        case .file:
            isFileNew = true
            readFile()
        case .message(let topic, let payload, let isRetained):
            switch topics.address(topic, node: node.node) {
            case .desired(let subject, let scope):
                take {
                    $0.received(
                        payload, subject, scope, now: SystemTime.now(), isClockSynced: self.hooks.isClockSynced())
                }
            case .part(let scope, let number): take(part: payload, number, scope)
            case .apply: startModel(payload, isRetained: isRetained)
            case nil: break
            }
        }
    }

    /// Another file may name other keys and groups: a key that is trusted no more must not count a moment longer.
    func readFile() {
        guard let memory = recorded else { return }
        isFileNew = false
        payloads.merge(memory.payloads) { own, _ in own }
        let actions = node.hears(as: memory.node)
        noteReadyModels()
        subscribe()
        layAnew(memory)
        perform(actions)
        publish(.keys, node.standing(.keys, now: SystemTime.now()))
        hooks.takesModels(!node.keys.isEmpty)
    }

    /// - Parameter scope: whose parts the broker shall send again, though it may have sent them before.
    func subscribe(anew scope: EnvelopeScope? = nil) { hooks.subscribe(subscriptions, scope.map(topics.parts)) }

    /// For what the broker retains on a topic that is subscribed to already.
    func ask(anewFor address: ControlTopics.Address) {
        guard case .desired(let subject, let scope) = address else { return }
        hooks.subscribe(subscriptions, topics.desired(subject, scope))
    }

    private var subscriptions: [String] {
        guard !node.keys.isEmpty else { return [] }
        return topics.subscriptions(node.node, groups: node.groups) + fetches.keys.map(topics.parts)
    }

    /// `model/apply`, which nobody signs: it starts what was signed, or nothing. What a broker retained was asked for
    /// some other day, and would be at every connection.
    func startModel(_ payload: [UInt8], isRetained: Bool = false) {
        if !isRetained, let asked = node.asked(payload), let actions = node.applyRequested(payload) {
            noteStart(of: asked.header)
            perform(actions)
        } else {
            let refusal: Refusal = isRetained ? .retained : .notReady
            note(ControlNode.AuditNote(subject: .model, scope: .node(node.node), refusal: refusal), refusal)
            var state = node.standing(.model, now: SystemTime.now())
            state.reason = "\(refusal)"
            publish(.model, state)
        }
    }

    // MARK: Actions

    /// What comes, and what is due: nothing is done about it before all that must be known for good is recorded.
    func take(_ event: (inout ControlNode) -> [ControlNode.Action]) {
        let before = node
        let begin = SystemTime.monotonicNanoseconds()
        let actions = event(&node)
        if !actions.isEmpty { verifying = SystemTime.monotonicNanoseconds() - begin }
        do {
            for action in actions where action.comesFirst { try record(action) }
            perform(actions.filter { !$0.comesFirst })
        } catch {
            log.error("what was sent could not be recorded", metadata: ["error": "\(error)"])
            perform(
                node.undo(actions, to: before, reason: "it could not be recorded: \(error)", now: SystemTime.now()))
        }
    }

    /// Executes actions in order, and those that their answers lead to after them.
    func perform(_ actions: [ControlNode.Action]) {
        var queue = actions[...]
        while let action = queue.popFirst() { queue += execute(action) }
    }

    private func execute(_ action: ControlNode.Action) -> [ControlNode.Action] {
        switch action {
        // Recorded by `take`.
        case .raise, .change: break
        case .audit(let note): if let refusal = note.refusal { self.note(note, refusal) }
        case .recur(let note): recur(note)
        case .postpone(let message): postpone(message)
        case .forgetPostponed(let subject, let scope): forgetPostponed(subject, scope)
        case .report(let subject, let state): publish(subject, state)
        case .rollout(let subject, let action): return execute(subject, action)
        }
        return []
    }

    private func execute(_ subject: ControlSubject, _ action: RolloutMachine.Action) -> [ControlNode.Action] {
        switch action {
        // Recorded by `take`.
        case .keep: break
        case .record(let candidate): record(subject, candidate)
        case .report(let candidate): report(subject, candidate)
        case .fetch(let candidate): return startFetch(candidate)
        case .validate(let candidate):
            let begin = SystemTime.monotonicNanoseconds()
            let problem = subject == .configuration ? problem(inConfiguration: candidate) : problem(inBundle: candidate)
            verifying += SystemTime.monotonicNanoseconds() - begin
            return node.drive(subject) { $0.validated(problem: problem) }
        case .stage(let candidate):
            let problem = stage(subject, candidate)
            return node.drive(subject) { $0.staged(problem: problem) }
        case .apply(let candidate):
            let problem = apply(subject, candidate)
            return node.drive(subject) { $0.applied(problem: problem) }
        case .watch(let candidate): watch(subject, candidate)
        case .revert(let candidate): revert(subject, candidate)
        }
        return []
    }

    // MARK: Reports

    func publish(_ subject: ControlSubject, _ state: ReportedState) {
        let state = completed(subject, state)
        latest[subject] = state
        unsent[subject] = state
        flush()
    }

    /// With what only the agent knows.
    private func completed(_ subject: ControlSubject, _ state: ReportedState) -> ReportedState {
        var state = inForce(subject, state)
        guard subject == .model else { return state }
        let ready = node.readyModel
        state.installed = hooks.model()
        state.available = ready.flatMap { readyModels[$0.header.transaction] }
        state.availableVersion = ready?.header.version
        hooks.offer(ready?.header.version)
        return state
    }

    /// Fingerprints of bundles that were checked, by transaction.
    var readyModels: [String: String] = [:]

    private func flush() {
        for (subject, state) in unsent {
            let topic = topics.reported(subject, node.node)
            if hooks.publish(topic, PayloadJSON.encode(state)) { unsent[subject] = nil }
        }
    }

    /// - Parameter reason: why it does not go on.
    func reportProgress(of fetch: PartsFetch, reason: String? = nil) {
        var state = node.report(.model, fetch.candidate, now: SystemTime.now())
        state.status = "received"
        state.progress = fetch.progress
        state.reason = reason
        publish(.model, state)
    }
}
