package import SedgeCore

/// A node as those see it who change it from afar: keys, versions, and what is under way. Pure: messages in, actions
/// out. An agent drives it, and so does every node of a simulated fleet.
package struct ControlNode: Sendable {
    package enum Action: Hashable, Sendable {
        /// Make a version known for good, before anything is done about it. Names are `versionName`'s.
        case raise(String, to: Int64)
        /// Make keys known for good, and with them what changed them.
        case change(KeyChange, EnvelopeHeader)
        case audit(AuditNote)
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
    }

    package let node: NodeID
    package private(set) var groups: [GroupID]
    package private(set) var keys: KeyRing
    /// Highest version seen, by `versionName`.
    private var highest: [String: Int64]
    /// Its content, where it is known.
    private var digests: [String: ContentDigest]
    package private(set) var machines: [ControlSubject: RolloutMachine]
    /// Last version of the keys, for reports.
    private var keyVersions: [EnvelopeScope: Int64]
    /// Refused before; a broker repeats what it retains at every connection.
    private var refused: [ContentDigest] = []
    /// Rightly signed, and before their time.
    private var early: [ControlTopics.Address: [UInt8]] = [:]

    private static let refusedKept = 64

    package init(
        node: NodeID, groups: [GroupID], keys: KeyRing, highest: [String: Int64] = [:],
        digests: [String: ContentDigest] = [:], machines: [ControlSubject: RolloutMachine] = [:],
        keyVersions: [EnvelopeScope: Int64] = [:]
    ) {
        self.node = node
        self.groups = groups
        self.keys = keys
        self.highest = highest
        self.digests = digests
        self.keyVersions = keyVersions
        self.machines = [.configuration: RolloutMachine(), .model: RolloutMachine()].merging(machines) { $1 }
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
        let address = ControlTopics.Address.desired(subject, scope)
        // An empty retained message clears the topic; it asks for nothing.
        guard !bytes.isEmpty else {
            early[address] = nil
            return []
        }
        let name = Self.versionName(subject, scope)
        let here = EnvelopeGate.Circumstances(
            node: node, groups: groups, keys: keys, subject: subject, scope: scope, highest: highest[name] ?? 0,
            highestDigest: digests[name], now: now, isClockSynced: isClockSynced)
        switch EnvelopeGate.judge(bytes, here) {
        case .known, .others: return []
        case .refuse(.notYet, _):
            early[address] = bytes
            return []
        case .refuse(let refusal, let header):
            let mark = ContentDigest(of: Array("\(name)\n".utf8) + bytes)
            guard !refused.contains(mark) else { return [] }
            refused = refused.suffix(Self.refusedKept - 1) + [mark]
            return [
                .audit(AuditNote(subject: subject, scope: scope, header: header, refusal: refusal)),
                .report(subject, report(subject, "rejected", header, "\(refusal)", now)),
            ]
        case .accept(let envelope):
            early[address] = nil
            highest[name] = envelope.header.version
            digests[name] = envelope.header.digest
            return [
                .raise(name, to: envelope.header.version),
                .audit(AuditNote(subject: subject, scope: scope, header: envelope.header, refusal: nil)),
            ] + follow(envelope, now)
        }
    }

    private mutating func follow(_ envelope: Envelope, _ now: Timestamp) -> [Action] {
        let subject = envelope.header.kind.subject
        guard subject == .keys else { return drive(subject) { $0.accepted(envelope) } }
        do throws(Refusal) {
            let change = try KeyChange(json: envelope.payload)
            keys = try keys.applying(change)
            keyVersions[envelope.header.scope] = envelope.header.version
            return [
                .change(change, envelope.header), .report(.keys, report(.keys, "active", envelope.header, nil, now)),
            ]
        } catch {
            return [.report(.keys, report(.keys, "rejected", envelope.header, "\(error)", now))]
        }
    }

    /// What was accepted could not be recorded: as if it had not come, so that it is judged anew when it comes again.
    package mutating func undo(
        _ actions: [Action], to before: ControlNode, reason: String, now: Timestamp
    ) -> [Action] {
        let early = early
        self = before
        // Else what waited for its time would be tried again at every tick.
        self.early = early
        return actions.compactMap { action in
            guard case .audit(let note) = action, note.refusal == nil else { return nil }
            return .report(note.subject, report(note.subject, "rejected", note.header, reason, now))
        }
    }

    /// `model/apply`. Nil: it is no version that lies ready.
    package mutating func applyRequested(_ payload: [UInt8]) -> [Action]? {
        guard let version = Int64(String(decoding: payload, as: UTF8.self)),
            let scope = scopes.last(where: { machines[.model]?.ready[$0]?.header.version == version }),
            let actions = machines[.model]?.startRequested(scope, version: version)
        else { return nil }
        return actions.map { .rollout(.model, $0) }
    }

    /// Time passed: what came before its time may be due.
    package mutating func tick(now: Timestamp, isClockSynced: Bool) -> [Action] {
        guard !early.isEmpty else { return [] }
        return early.flatMap { address, bytes -> [Action] in
            guard case .desired(let subject, let scope) = address else { return [] }
            return received(bytes, subject, scope, now: now, isClockSynced: isClockSynced)
        }
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
        early = former.early.filter {
            if case .desired(_, let scope) = $0.key { scopes.contains(scope) } else { false }
        }
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

    /// How it stands at a new start, and before anything came: with what is under way, else with what holds.
    package func standing(_ subject: ControlSubject, now: Timestamp) -> ReportedState {
        let machine = machines[subject]
        let latest = machine?.candidate ?? narrowest(machine?.ready) ?? narrowest(machine?.active)
        return latest.map { report(subject, $0, now: now) } ?? report(subject, "active", nil, nil, now)
    }

    private func report(
        _ subject: ControlSubject, _ status: String, _ header: EnvelopeHeader?, _ reason: String?, _ now: Timestamp
    ) -> ReportedState {
        var active: [String: Int64] = [:]
        if subject == .keys {
            for (scope, version) in keyVersions { active["\(scope)"] = version }
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
