import Control
import Logging
import SedgeCore
import Store

/// What is refused, or waits. It changes nothing, so a full disk stops nothing here.
extension ControlWorker {
    /// Every refusal is in the audit log, alone or counted; the journal is spared by the same measure.
    func note(_ note: ControlNode.AuditNote, _ refusal: Refusal) {
        let (time, now) = (SystemTime.now(), SystemTime.monotonicNanoseconds())
        switch refusals.place(now) {
        case .alone: break
        case .firstCounted:
            log.warning("more than \(RefusalTally.alone) messages were refused within an hour, others are counted")
            fallthrough
        case .counted:
            // Each kind is named once an hour, however many messages it is about.
            if refusals.count(note, at: time, now) { tell(note, refusal, "messages of this kind are refused") }
            return
        }
        do {
            try writer.sync { [entry = AuditEntry(note)] in try $0.appendAudit(entry) }
        } catch {
            log.error("a refusal could not be stored, it is counted", metadata: ["error": "\(error)"])
            refusals.count(note, at: time, now)
        }
        tell(note, refusal, refusal == .notYet ? "a message waits for its time" : "a message is refused")
    }

    private func tell(_ note: ControlNode.AuditNote, _ refusal: Refusal, _ what: Logger.Message) {
        log.log(
            level: refusal == .notYet ? .notice : .warning, what,
            metadata: ["subject": "\(note.subject.rawValue)", "target": "\(note.scope)", "reason": "\(refusal)"])
    }

    /// Somebody asked for a model that lies ready.
    func noteStart(of header: EnvelopeHeader) {
        var entry = AuditEntry(ControlNode.AuditNote(subject: .model, scope: header.scope, header: header))
        entry.reason = "model/apply starts it"
        inStore("the start of a model could not be noted") { [entry] in try $0.appendAudit(entry) }
    }

    /// What was accepted, since its key and its version were right, came to nothing.
    func noteEnd(of candidate: Candidate, _ subject: ControlSubject) {
        let header = candidate.header
        var entry = AuditEntry(ControlNode.AuditNote(subject: subject, scope: header.scope, header: header))
        entry.accepted = false
        entry.reason = [candidate.state.rawValue, candidate.reason].compactMap(\.self).joined(separator: ": ")
        inStore("the end of a change could not be noted") { [entry] in try $0.appendAudit(entry) }
    }

    /// A message that was refused before.
    func recur(_ note: ControlNode.AuditNote) {
        refusals.count(note, at: SystemTime.now(), SystemTime.monotonicNanoseconds())
    }

    /// Counts that are not in the audit log yet. Once a minute, while the day's share of flash lasts; at the end all.
    func writeRefusals(_ now: Int64, isLast: Bool = false) {
        guard isLast || refusals.isDue(now) else { return }
        let entries = refusals.unwritten
        guard !entries.isEmpty else { return }
        do {
            let rows = try writer.sync { store -> [Int64]? in
                guard isLast || store.flashAllows(bytes: Int64(entries.count) * 4096) else { return nil }
                return try store.saveAudits(entries)
            }
            guard let rows else { return refusals.putOff(now) }
            refusals.written(rows, now)
        } catch {
            log.error("counts of refusals could not be stored", metadata: ["error": "\(error)"])
            refusals.putOff(now)
        }
    }

    /// Messages for which there was no room count as refused. Once the crowd has gone, the broker is asked for what it
    /// retains: the right one may have been among them.
    ///
    /// - Parameter isOver: whether no message waits any more.
    func tendMissed(_ new: [ControlTopics.Address: Int64], isOver: Bool) {
        guard new.isEmpty else {
            let (time, now) = (SystemTime.now(), SystemTime.monotonicNanoseconds())
            for case (.desired(let subject, let scope), let count) in new {
                let note = ControlNode.AuditNote(subject: subject, scope: scope, header: nil, refusal: .crowdedOut)
                guard refusals.count(note, count, at: time, now) else { continue }
                tell(note, .crowdedOut, "messages of this kind are refused")
            }
            missed.formUnion(new.keys)
            return
        }
        guard isOver else { return }
        for address in missed { ask(anewFor: address) }
        missed = []
    }

    // MARK: Before its time

    /// Kept, so that it is taken when its time comes, though the broker should not have it any more.
    func postpone(_ message: PostponedEnvelope) {
        let header = message.header
        inStore("a message that waits for its time could not be stored") {
            try $0.keepPostponed(
                message.bytes, subject: header.kind.subject.rawValue, target: "\(header.scope)")
        }
    }

    func forgetPostponed(_ subject: ControlSubject, _ scope: EnvelopeScope) {
        inStore("a message that waits no more could not be forgotten") {
            try $0.forgetPostponed(subject: subject.rawValue, target: "\(scope)")
        }
    }

    private func inStore(_ complaint: String, _ body: @escaping @Sendable (Store) throws -> Void) {
        do {
            try writer.sync(body)
        } catch {
            log.error("\(complaint)", metadata: ["error": "\(error)"])
        }
    }
}

extension AuditEntry {
    init(_ note: ControlNode.AuditNote) {
        let header = note.header
        self.init(
            at: SystemTime.now(), subject: note.subject.rawValue, target: "\(note.scope)", version: header?.version,
            digest: header.map { "\($0.digest)" }, key: header.map { "\($0.key)" }, accepted: note.refusal == nil,
            reason: note.refusal.map { "\($0)" } ?? "accepted")
    }
}
