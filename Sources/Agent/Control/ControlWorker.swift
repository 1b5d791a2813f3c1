import Control
import Inference
import Logging
import SedgeCore
import Store

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Does what `ControlNode` decides; on one thread.
final class ControlWorker {
    let layered: LayeredConfiguration
    let hooks: RemoteControl.Hooks
    let log: Logger
    let folder: ModelFolder
    private let topics: ControlTopics
    private let writer: StoreWriter
    var node: ControlNode
    /// Payloads of what holds and of what is under way, by transaction.
    var payloads: [String: [UInt8]]
    /// What is being watched.
    var watches: [ControlSubject: CanaryWatch] = [:]
    /// Readings of the last two minutes, oldest first.
    var readings: [CanaryReading] = []
    /// The last reading before a change.
    var beforeChange: [ControlSubject: CanaryReading] = [:]
    /// The file holds something else, and that has not been looked at.
    private var isFileNew = false
    /// Refusals noted since a time on the clock that never jumps.
    private var refusals: (since: Int64, count: Int) = (0, 0)
    /// Nanoseconds that the last message took to verify and to validate.
    private var verifying: Int64 = 0
    /// A bundle that comes in parts.
    var fetch: PartsFetch?
    /// Reports that no broker has yet, by subject; the latest each.
    private var unsent: [ControlSubject: ReportedState] = [:]
    private var latest: [ControlSubject: ReportedState] = [:]

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
        for subject in ControlSubject.allCases {
            latest[subject] = completed(subject, node.standing(subject, now: SystemTime.now()))
        }
        perform(node.resumed())
        while !inbox.isClosed {
            for item in inbox.take(within: watches.isEmpty ? 250 : 100) { handle(item) }
            let now = SystemTime.monotonicNanoseconds()
            observe(now)
            perform(node.tick(now: SystemTime.now(), isClockSynced: hooks.isClockSynced()))
            if isFileNew { readFile() }
            fetch?.reportIfDue(now) { progress, candidate in reportProgress(progress, candidate) }
            flush()
        }
    }

    private func handle(_ item: ControlInbox.Item) {
        switch item {
        case .connected: unsent = latest
        case .file: isFileNew = true
        case .message(let topic, let payload):
            switch topics.address(topic, node: node.node) {
            case .desired(let subject, let scope):
                let begin = SystemTime.monotonicNanoseconds()
                let actions = node.received(
                    payload, subject, scope, now: SystemTime.now(), isClockSynced: hooks.isClockSynced())
                verifying = SystemTime.monotonicNanoseconds() - begin
                perform(actions)
            case .part(let scope, let number): take(part: payload, number, scope)
            case .apply: startModel(payload)
            case nil: break
            }
        }
    }

    /// Another file may name other keys and groups. What is under way comes to its end first.
    private func readFile() {
        guard node.machines.values.allSatisfy({ $0.candidate == nil }) else { return }
        isFileNew = false
        let file = layered.current.file
        guard let memory = try? writer.sync({ store in try ControlMemory(store, file: file) }) else { return }
        node = memory.node
        payloads = memory.payloads
        subscribe()
    }

    func subscribe() {
        var filters = topics.subscriptions(node.node, groups: node.groups)
        if let fetch { filters.append(topics.parts(fetch.candidate.header.scope)) }
        hooks.subscribe(filters)
    }

    private func startModel(_ payload: [UInt8]) {
        if let actions = node.applyRequested(payload) {
            perform(actions)
        } else {
            log.warning("model/apply names no version that lies ready")
            var state = node.standing(.model, now: SystemTime.now())
            state.reason = "model/apply names no version that lies ready"
            publish(.model, state)
        }
    }

    // MARK: Actions

    /// Executes actions in order, and those that their answers lead to after them.
    func perform(_ actions: [ControlNode.Action]) {
        var queue = actions[...]
        while let action = queue.popFirst() { queue += execute(action) }
    }

    private func execute(_ action: ControlNode.Action) -> [ControlNode.Action] {
        switch action {
        case .raise(let name, let version):
            store { try $0.raiseAcceptedVersion(name, to: version) }
        case .change(let change):
            for key in change.add { store { try $0.raiseAcceptedVersion("\(ControlMemory.addedPrefix)\(key)", to: 1) } }
            for id in change.revoke {
                store { try $0.raiseAcceptedVersion("\(ControlMemory.revokedPrefix)\(id)", to: 1) }
            }
            log.notice(
                "trusted keys changed",
                metadata: ["trusted": "\(node.keys.trusted.keys.sorted().map(\.description).joined(separator: ","))"])
        case .audit(let note): audit(note)
        case .report(let subject, let state): publish(subject, state)
        case .rollout(let subject, let action): return execute(subject, action)
        }
        return []
    }

    private func execute(_ subject: ControlSubject, _ action: RolloutMachine.Action) -> [ControlNode.Action] {
        switch action {
        case .keep(let candidate, let payload): return keep(subject, candidate, payload)
        case .record(let candidate): record(subject, candidate)
        case .report(let candidate): publish(subject, node.report(subject, candidate, now: SystemTime.now()))
        case .validate(let candidate):
            guard candidate.header.kind != .manifest else { return startFetch(candidate) }
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
        case .watch: watch(subject)
        case .revert(let candidate): revert(subject, candidate)
        }
        return []
    }

    private func keep(_ subject: ControlSubject, _ candidate: Candidate, _ payload: [UInt8]) -> [ControlNode.Action] {
        let header = candidate.header
        // A bundle is a file, not a row.
        if header.kind == .bundle {
            do throws(FileError) {
                try folder.keep(payload, header.digest)
            } catch {
                log.error("a bundle could not be kept", metadata: ["error": "\(error)"])
            }
            payloads[header.transaction] = []
        } else {
            payloads[header.transaction] = payload
        }
        let rollout = StoredRollout(
            target: "\(header.scope)", version: header.version, digest: "\(header.digest)", header: header.json,
            payload: payloads[header.transaction] ?? [], state: candidate.state.rawValue, at: SystemTime.now())
        let kind = kind(subject)
        store { try $0.saveRollout(rollout, in: kind) }
        hold(at: candidate.state)
        return []
    }

    private func record(_ subject: ControlSubject, _ candidate: Candidate) {
        let header = candidate.header
        let kind = kind(subject)
        store {
            try $0.updateRollout(
                target: "\(header.scope)", version: header.version, state: candidate.state.rawValue,
                reason: candidate.reason, attempts: candidate.attempts, at: SystemTime.now(), in: kind)
        }
        hold(at: candidate.state)
        if candidate.state.isFinal { watches[subject] = nil }
        if candidate.state == .active { settle(subject, candidate) }
        let level: Logger.Level = candidate.state == .rejected || candidate.state == .reverted ? .warning : .info
        log.log(
            level: level, "\(subject.rawValue) \(candidate.state.rawValue)",
            metadata: [
                "target": "\(header.scope)", "version": "\(header.version)", "key": "\(header.key)",
                "transaction": "\(header.transaction)",
            ].merging(candidate.reason.map { ["reason": "\($0)"] } ?? [:]) { $1 }
                .merging(
                    candidate.state == .validated ? ["verify_ms": "\(Double(verifying / 1000) / 1000)"] : [:]
                ) { $1 })
    }

    /// For tests that cut the power: `SEDGE_HOLD_AT` names a state, and what follows it never happens.
    private func hold(at state: RolloutState) {
        guard let name = getenv("SEDGE_HOLD_AT"), String(cString: name) == state.rawValue else { return }
        log.warning("held", metadata: ["state": "\(state.rawValue)"])
        while true { pause() }
    }

    private func kind(_ subject: ControlSubject) -> StoredRollout.Kind {
        subject == .model ? .models : .configurations
    }

    private func audit(_ note: ControlNode.AuditNote) {
        guard note.refusal == nil || keepsRefusal(SystemTime.monotonicNanoseconds()) else { return }
        let header = note.header
        let entry = AuditEntry(
            at: SystemTime.now(), subject: note.subject.rawValue, target: "\(note.scope)", version: header?.version,
            digest: header.map { "\($0.digest)" }, key: header.map { "\($0.key)" }, accepted: note.refusal == nil,
            reason: note.refusal.map { "\($0)" } ?? "accepted")
        store { try $0.appendAudit(entry) }
        guard let refusal = note.refusal else { return }
        log.warning(
            "a message is refused",
            metadata: ["subject": "\(note.subject.rawValue)", "target": "\(note.scope)", "reason": "\(refusal)"])
    }

    /// A flood of refused messages must not wear the flash out, nor fill the journal.
    private func keepsRefusal(_ now: Int64) -> Bool {
        if now - refusals.since > 3_600_000_000_000 { refusals = (now, 0) }
        refusals.count += 1
        if refusals.count == Self.refusalsPerHour + 1 {
            log.warning("more than \(Self.refusalsPerHour) messages were refused within an hour, others are not noted")
        }
        return refusals.count <= Self.refusalsPerHour
    }

    private static let refusalsPerHour = 100

    /// On the store's thread, before the next action.
    private func store(_ body: @escaping @Sendable (Store) throws -> Void) {
        do {
            try writer.sync(body)
        } catch {
            log.error("what was sent could not be stored", metadata: ["error": "\(error)"])
        }
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
        guard subject == .model else { return state }
        var state = state
        let ready = node.machines[.model]?.candidate.flatMap { $0.state == .staged ? $0 : nil }
        state.installed = hooks.observe().model
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

    private func reportProgress(_ progress: Double, _ candidate: Candidate) {
        var state = node.report(.model, candidate, now: SystemTime.now())
        state.status = "received"
        state.progress = progress
        publish(.model, state)
    }
}
