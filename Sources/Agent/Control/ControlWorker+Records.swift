import Control
import Logging
import SedgeCore
import Store

/// What has to be known after a power cut.
extension ControlWorker {
    // MARK: Before anything is done

    func record(_ action: ControlNode.Action) throws {
        switch action {
        case .raise(let name, let version):
            try writer.sync { try $0.raiseAcceptedVersion(name, to: version) }
            HoldPoint.reach("received", log)
        case .change(let change, let applied): try record(change, applied)
        case .rollout(let subject, .keep(let candidate, let payload)): try keep(subject, candidate, payload)
        case .audit(let note): try writer.sync { [entry = AuditEntry(note)] in try $0.appendAudit(entry) }
        case .report, .rollout, .recur, .postpone, .forgetPostponed: break
        }
    }

    /// Keys and the message that changed them in one: should the power go before, it is judged anew.
    private func record(_ change: KeyChange, _ applied: AppliedKeyChange) throws {
        let name = ControlMemory.changeName(applied)
        var versions = [name: applied.version]
        for key in change.add { versions["\(ControlMemory.addedPrefix)\(key)"] = 1 }
        for id in change.revoke { versions["\(ControlMemory.revokedPrefix)\(id)"] = 1 }
        let scope = "\(ControlMemory.changePrefix)\(applied.scope) "
        try writer.sync { [versions] store in
            let former = store.acceptedVersions.keys.filter { $0.hasPrefix(scope) && $0 != name }
            try store.raiseAcceptedVersions(versions, replacing: Set(former))
        }
        log.notice(
            "trusted keys changed",
            metadata: ["trusted": "\(node.keys.trusted.keys.sorted().map(\.description).joined(separator: ","))"])
    }

    // MARK: On its way

    private func keep(_ subject: ControlSubject, _ candidate: Candidate, _ payload: [UInt8]) throws {
        let header = candidate.header
        // A bundle is a file, not a row.
        if header.kind == .bundle { try folder.keep(payload, header.digest) }
        let row = header.kind == .bundle ? [] : payload
        let rollout = StoredRollout(
            target: "\(header.scope)", version: header.version, digest: "\(header.digest)", header: header.json,
            payload: row, state: candidate.state.rawValue, at: SystemTime.now())
        let kind = kind(subject)
        try writer.sync { try $0.saveRollout(rollout, in: kind) }
        payloads[header.transaction] = row
        HoldPoint.reach(candidate.state.rawValue, log)
    }

    func record(_ subject: ControlSubject, _ candidate: Candidate) {
        let header = candidate.header
        do {
            try update(subject, candidate)
            unrecorded[header.transaction] = nil
        } catch {
            log.error("a state could not be recorded", metadata: ["error": "\(error)"])
            unrecorded[header.transaction] = Unrecorded(
                subject: subject, candidate: candidate, reason: "it could not be recorded: \(error)")
        }
        HoldPoint.reach(candidate.state.rawValue, log)
        if candidate.state.isFinal {
            // What waited in vain does not end another one's trial.
            if watches[subject]?.transaction == header.transaction { watches[subject] = nil }
            settle()
        }
        // Another candidate may have stood in the way of what is laid now, or have brought back what was lost.
        if candidate.state == .active, let memory = recorded { layAnew(memory) }
        let failed = candidate.state == .rejected || candidate.state == .reverted
        if failed { noteEnd(of: candidate, subject) }
        log.log(
            level: failed ? .warning : .info, "\(subject.rawValue) \(candidate.state.rawValue)",
            metadata: [
                "target": "\(header.scope)", "version": "\(header.version)", "key": "\(header.key)",
                "transaction": "\(header.transaction)",
            ].merging(candidate.reason.map { ["reason": "\($0)"] } ?? [:]) { $1 }
                .merging(
                    candidate.state == .validated ? ["verify_ms": "\(Double(verifying / 1000) / 1000)"] : [:]
                ) { $1 })
    }

    /// On the store's thread, before the next action.
    private func update(_ subject: ControlSubject, _ candidate: Candidate) throws {
        let header = candidate.header
        let kind = kind(subject)
        try writer.sync {
            try $0.updateRollout(
                target: "\(header.scope)", version: header.version, state: candidate.state.rawValue,
                reason: candidate.reason, attempts: candidate.attempts, at: SystemTime.now(), in: kind)
        }
    }

    /// Ends that could not be recorded, by now perhaps they can.
    func recordLate() {
        for (transaction, late) in unrecorded where late.candidate.state.isFinal {
            guard (try? update(late.subject, late.candidate)) != nil else { continue }
            unrecorded[transaction] = nil
            if node.machines[late.subject]?.candidate == nil { report(late.subject, late.candidate) }
        }
    }

    /// Active is what would be after a power cut, too.
    func report(_ subject: ControlSubject, _ candidate: Candidate) {
        var told = candidate
        if candidate.state == .active, let late = unrecorded[candidate.header.transaction] {
            told.state = .canary
            told.reason = late.reason
        }
        if candidate.state == .reverted, let late = unreverted[subject], late.candidate == candidate {
            told.reason = [candidate.reason, late.reason].compactMap(\.self).joined(separator: "; ")
        }
        publish(subject, node.report(subject, told, now: SystemTime.now()))
    }

    private func kind(_ subject: ControlSubject) -> StoredRollout.Kind {
        subject == .model ? .models : .configurations
    }
}

/// A state that the store did not take: what it permits must not be done.
struct Unrecorded {
    let subject: ControlSubject
    let candidate: Candidate
    let reason: String
}

extension ControlNode.Action {
    /// It makes something known for good, which all the others rest on.
    var comesFirst: Bool {
        switch self {
        case .raise, .change, .rollout(_, .keep): true
        case .audit(let note): note.refusal == nil
        case .report, .rollout, .recur, .postpone, .forgetPostponed: false
        }
    }
}
