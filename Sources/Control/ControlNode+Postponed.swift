package import SedgeCore

/// What came before its time. The newest of each subject and scope waits: for a clock that was right once it is told
/// and kept, whatever the clock says after a restart.
extension ControlNode {
    /// Time passed: what came before its time may be due. A clock that is not synchronised says nothing of that.
    package mutating func tick(now: Timestamp, isClockSynced: Bool) -> [Action] {
        guard isClockSynced, !early.isEmpty else { return [] }
        let due = early.values.filter { $0.isDue(now) }.sorted { $0.header.version < $1.header.version }
        return due.flatMap {
            received($0.bytes, $0.header.kind.subject, $0.header.scope, now: now, isClockSynced: isClockSynced)
        }
    }

    mutating func postpone(_ message: PostponedEnvelope, _ now: Timestamp) -> [Action] {
        let header = message.header
        let former = early.updateValue(message, forKey: Self.address(header))
        let replaced = former.map { note($0.header, .superseded(by: header.version)) }
        return (replaced.map { [$0] } ?? []) + [
            note(header, .notYet), .postpone(message), .report(header.kind.subject, report(waiting: header, now)),
        ]
    }

    /// A newer one was accepted: what waits would be a downgrade.
    mutating func overtake(_ accepted: EnvelopeHeader, _ now: Timestamp) -> [Action] {
        guard let waiting = early[Self.address(accepted)]?.header, waiting != accepted,
            waiting.version <= accepted.version
        else { return [] }
        let (subject, refusal) = (waiting.kind.subject, Refusal.superseded(by: accepted.version))
        early[Self.address(waiting)] = nil
        return [
            note(waiting, refusal), .forgetPostponed(subject, waiting.scope),
            .report(subject, report(subject, "rejected", waiting, "\(refusal)", now)),
        ]
    }

    /// What this message said has been decided.
    mutating func forget(_ bytes: [UInt8], _ subject: ControlSubject, _ scope: EnvelopeScope) -> [Action] {
        guard early[.desired(subject, scope)]?.bytes == bytes else { return [] }
        early[.desired(subject, scope)] = nil
        return [.forgetPostponed(subject, scope)]
    }

    private func note(_ header: EnvelopeHeader, _ refusal: Refusal) -> Action {
        .audit(AuditNote(subject: header.kind.subject, scope: header.scope, header: header, refusal: refusal))
    }

    /// Where an envelope belongs.
    static func address(_ header: EnvelopeHeader) -> ControlTopics.Address {
        .desired(header.kind.subject, header.scope)
    }

    func report(waiting header: EnvelopeHeader, _ now: Timestamp) -> ReportedState {
        report(header.kind.subject, "received", header, "\(Refusal.notYet)", now)
    }
}
