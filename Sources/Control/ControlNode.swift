package import SedgeCore

/// A node as those see it who change it from afar: keys, versions, and what is under way. Pure: messages in, actions
/// out. An agent drives it, and so does every node of a simulated fleet.
package struct ControlNode: Sendable {
    package enum Action: Hashable, Sendable {
        /// Make a version known for good, before anything is done about it. Names are `versionName`'s.
        case raise(String, to: Int64)
        /// Make keys known for good, and with them what changed them.
        case change(KeyChange, AppliedKeyChange)
        case audit(AuditNote)
        /// A message that was refused came again: it counts, and no more.
        case recur(AuditNote)
        /// Keep what came before its time, in place of what waited for the same subject and scope.
        case postpone(PostponedEnvelope)
        /// Of this subject and scope nothing waits for its time any more.
        case forgetPostponed(ControlSubject, EnvelopeScope)
        case rollout(ControlSubject, RolloutMachine.Action)
        /// Publish, retained. Of a rollout's own reports `rollout` tells.
        case report(ControlSubject, ReportedState)
    }

    /// A message that was accepted or refused.
    package struct AuditNote: Hashable, Sendable {
        package let subject: ControlSubject
        package let scope: EnvelopeScope
        /// Nil: it could not be read.
        package let header: EnvelopeHeader?
        /// Nil: it was accepted.
        package let refusal: Refusal?

        package init(
            subject: ControlSubject, scope: EnvelopeScope, header: EnvelopeHeader? = nil, refusal: Refusal? = nil
        ) {
            self.subject = subject
            self.scope = scope
            self.header = header
            self.refusal = refusal
        }
    }

    package let node: NodeID
    package private(set) var groups: [GroupID]
    package private(set) var keys: KeyRing
    /// Highest version seen, by `versionName`.
    private var highest: [String: Int64]
    /// Its content, where it is known.
    private var digests: [String: ContentDigest]
    package private(set) var machines: [ControlSubject: RolloutMachine]
    /// Last change of each scope's keys, for reports.
    private var keyChanges: [EnvelopeScope: AppliedKeyChange]
    /// Refused before; a broker repeats what it retains at every connection.
    private var refused: [ContentDigest] = []
    /// Rightly signed, and before their time.
    var early: [ControlTopics.Address: PostponedEnvelope] = [:]

    private static let refusedKept = 64

    package init(
        node: NodeID, groups: [GroupID], keys: KeyRing, highest: [String: Int64] = [:],
        digests: [String: ContentDigest] = [:], machines: [ControlSubject: RolloutMachine] = [:],
        keyChanges: [AppliedKeyChange] = [], postponed: [PostponedEnvelope] = []
    ) {
        self.node = node
        self.groups = groups
        self.keys = keys
        self.highest = highest
        self.digests = digests
        self.keyChanges = Dictionary(keyChanges.map { ($0.scope, $0) }) { $0.version > $1.version ? $0 : $1 }
        self.machines = [.configuration: RolloutMachine(), .model: RolloutMachine()].merging(machines) { $1 }
        let mine = Set(scopes)
        for message in postponed where mine.contains(message.header.scope) {
            early[Self.address(message.header)] = message
        }
    }

    /// Scopes that this node hears, lowest first.
    package var scopes: [EnvelopeScope] { ConfigurationLayers.order(node: node, groups: groups) }

    /// What a version counts for.
    package static func versionName(_ subject: ControlSubject, _ scope: EnvelopeScope) -> String {
        "\(subject.rawValue):\(scope)"
    }

    // MARK: Messages

    /// A message at `desired`.
    package mutating func received(
        _ bytes: [UInt8], _ subject: ControlSubject, _ scope: EnvelopeScope, now: Timestamp, isClockSynced: Bool
    ) -> [Action] {
        // An empty retained message clears the topic. It asks for nothing, and takes nothing back: nobody signed it.
        guard !bytes.isEmpty else { return [] }
        let waiting = early[.desired(subject, scope)]
        // It was told when it came first, by a clock that was right.
        if let waiting, waiting.bytes == bytes, !(isClockSynced && waiting.isDue(now)) { return [] }
        let name = Self.versionName(subject, scope)
        let here = EnvelopeGate.Circumstances(
            node: node, groups: groups, keys: keys, subject: subject, scope: scope, highest: highest[name] ?? 0,
            highestDigest: digests[name], now: now, isClockSynced: isClockSynced)
        switch EnvelopeGate.judge(bytes, here) {
        case .known, .others: return forget(bytes, subject, scope)
        case .refuse(.notYet, let header):
            guard let message = PostponedEnvelope(bytes) else { return [] }
            if let waiting, waiting.header.version >= message.header.version {
                let found = message.header.version
                let refusal: Refusal =
                    found == waiting.header.version
                    ? .reused(version: found) : .downgrade(found: found, highest: waiting.header.version)
                return refuse(bytes, subject, scope, header, refusal, now)
            }
            return postpone(message, now)
        case .refuse(let refusal, let header):
            return refuse(bytes, subject, scope, header, refusal, now) + forget(bytes, subject, scope)
        case .accept(let envelope):
            highest[name] = envelope.header.version
            digests[name] = envelope.header.digest
            return [
                .raise(name, to: envelope.header.version),
                .audit(AuditNote(subject: subject, scope: scope, header: envelope.header, refusal: nil)),
            ] + overtake(envelope.header, now) + follow(envelope, now) + forget(bytes, subject, scope)
        }
    }

    private mutating func refuse(
        _ bytes: [UInt8], _ subject: ControlSubject, _ scope: EnvelopeScope, _ header: EnvelopeHeader?,
        _ refusal: Refusal, _ now: Timestamp
    ) -> [Action] {
        let mark = ContentDigest(of: Array("\(Self.versionName(subject, scope))\n".utf8) + bytes)
        let note = AuditNote(subject: subject, scope: scope, header: header, refusal: refusal)
        guard !refused.contains(mark) else { return [.recur(note)] }
        refused = refused.suffix(Self.refusedKept - 1) + [mark]
        return [.audit(note), .report(subject, report(subject, "rejected", header, "\(refusal)", now))]
    }

    private mutating func follow(_ envelope: Envelope, _ now: Timestamp) -> [Action] {
        let subject = envelope.header.kind.subject
        guard subject == .keys else { return drive(subject) { $0.accepted(envelope) } }
        do throws(Refusal) {
            let change = try KeyChange(json: envelope.payload)
            keys = try keys.applying(change)
            let ordinal = (keyChanges.values.map(\.ordinal).max() ?? 0) + 1
            let applied = AppliedKeyChange(envelope.header, ordinal: ordinal)
            keyChanges[applied.scope] = applied
            return [
                .change(change, applied), .report(.keys, report(.keys, "active", envelope.header, nil, now)),
            ]
        } catch {
            let header = envelope.header
            return [
                .audit(AuditNote(subject: subject, scope: header.scope, header: header, refusal: error)),
                .report(.keys, report(.keys, "rejected", header, "\(error)", now)),
            ]
        }
    }

    /// What was accepted could not be recorded: as if it had not come, so that it is judged anew when it comes again.
    package mutating func undo(
        _ actions: [Action], to before: ControlNode, reason: String, now: Timestamp
    ) -> [Action] {
        self = before
        return actions.flatMap { action -> [Action] in
            guard case .audit(let note) = action, note.refusal == nil, let header = note.header else { return [] }
            // Else what waited for its time would be tried again at every tick. It is tried again at the next start.
            if early[Self.address(header)]?.header == header { early[Self.address(header)] = nil }
            let refused = AuditNote(
                subject: note.subject, scope: note.scope, header: header, refusal: .unusable(reason))
            return [.audit(refused), .report(note.subject, report(note.subject, "rejected", header, reason, now))]
        }
    }

    /// The model that `model/apply` asks for; nil: it is no version that lies ready.
    package func asked(_ payload: [UInt8]) -> Candidate? {
        guard let version = Int64(String(decoding: payload, as: UTF8.self)) else { return nil }
        return scopes.reversed().lazy.compactMap { machines[.model]?.ready[$0] }.first { $0.header.version == version }
    }

    /// `model/apply`. Nil: it is no version that lies ready.
    package mutating func applyRequested(_ payload: [UInt8]) -> [Action]? {
        guard let header = asked(payload)?.header,
            let actions = machines[.model]?.startRequested(header.scope, version: header.version)
        else { return nil }
        return actions.map { .rollout(.model, $0) }
    }

    // MARK: What is under way

    /// An event of one of the machines.
    package mutating func drive(
        _ subject: ControlSubject, _ event: (inout RolloutMachine) -> [RolloutMachine.Action]
    ) -> [Action] {
        guard var machine = machines[subject] else { return [] }
        defer { machines[subject] = machine }
        return event(&machine).map { .rollout(subject, $0) }
    }

    /// After a start.
    package mutating func resumed() -> [Action] {
        [ControlSubject.configuration, .model].flatMap { drive($0) { $0.resumed() } }
    }

    /// The file names other keys or groups. They hold at once; what is under way goes on.
    /// - Parameter recorded: the node as the file and what was recorded make it.
    package mutating func hears(as recorded: ControlNode) -> [Action] {
        let former = self
        self = recorded
        early = former.early.filter { scopes.contains($1.header.scope) }.merging(recorded.early) { own, _ in own }
        machines = former.machines
        let (before, now) = (Set(former.scopes), Set(scopes))
        return [ControlSubject.configuration, .model].flatMap { subject in
            guard let other = recorded.machines[subject] else { return [Action]() }
            return drive(subject) { $0.hears(now, before: before, recorded: other) }
        }
    }

    /// The model that lies ready for `model/apply`, of the narrowest scope that has one.
    package var readyModel: Candidate? { narrowest(machines[.model]?.ready) }

    private func narrowest(_ candidates: [EnvelopeScope: Candidate]?) -> Candidate? {
        scopes.reversed().lazy.compactMap { candidates?[$0] }.first
    }

    /// The scope whose model is in force: the narrowest that has one.
    package var modelScope: EnvelopeScope? { scopes.last { machines[.model]?.active[$0] != nil } }

    // MARK: Reports

    /// How it stands with something that was sent.
    package func report(_ subject: ControlSubject, _ candidate: Candidate, now: Timestamp) -> ReportedState {
        report(subject, candidate.state.rawValue, candidate.header, candidate.reason, now)
    }

    /// How it stands at a new start, and before anything came: with what is under way, else with what waits for its
    /// time, else with what holds.
    package func standing(_ subject: ControlSubject, now: Timestamp) -> ReportedState {
        let machine = machines[subject]
        if let candidate = machine?.candidate ?? narrowest(machine?.fetching) {
            return report(subject, candidate, now: now)
        }
        if let waiting = scopes.reversed().lazy.compactMap({ early[.desired(subject, $0)] }).first {
            return report(waiting: waiting.header, now)
        }
        if let latest = narrowest(machine?.ready) ?? narrowest(machine?.active) {
            return report(subject, latest, now: now)
        }
        var state = report(subject, "active", nil, nil, now)
        let changes = scopes.reversed().compactMap { keyChanges[$0] }
        if subject == .keys, let last = changes.max(by: { $0.ordinal < $1.ordinal }) { state.describe(last) }
        return state
    }

    func report(
        _ subject: ControlSubject, _ status: String, _ header: EnvelopeHeader?, _ reason: String?, _ now: Timestamp
    ) -> ReportedState {
        var active: [String: Int64] = [:]
        if subject == .keys {
            for (scope, change) in keyChanges { active["\(scope)"] = change.version }
        } else {
            for (scope, candidate) in machines[subject]?.active ?? [:] { active["\(scope)"] = candidate.header.version }
        }
        var state = ReportedState(ts: now, status: status, active: active, groups: groups.map(\.description))
        state.reason = reason
        if let header { state.describe(header) }
        if subject == .keys { state.trusted = keys.trusted.keys.sorted().map(\.description) }
        if subject == .model { state.availableVersion = readyModel?.header.version }
        return state
    }
}
