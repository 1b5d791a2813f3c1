package import SedgeCore

/// Decides whether an envelope may change this node. Pure: keys, versions and the clock come in.
package struct EnvelopeGate: Sendable {
    /// What the decision rests on beside the envelope.
    package struct Circumstances: Sendable {
        package var node: NodeID
        package var groups: [GroupID]
        package var keys: KeyRing
        /// Where it arrived.
        package var subject: ControlSubject
        package var scope: EnvelopeScope
        /// The highest version seen of this subject and scope; 0: none.
        package var highest: Int64
        /// The content of that version, where it is still known.
        package var highestDigest: ContentDigest?
        package var now: Timestamp
        /// False: `now` means nothing, and times are not judged.
        package var isClockSynced: Bool

        package init(
            node: NodeID, groups: [GroupID], keys: KeyRing, subject: ControlSubject, scope: EnvelopeScope,
            highest: Int64, highestDigest: ContentDigest? = nil, now: Timestamp, isClockSynced: Bool
        ) {
            self.node = node
            self.groups = groups
            self.keys = keys
            self.subject = subject
            self.scope = scope
            self.highest = highest
            self.highestDigest = highestDigest
            self.now = now
            self.isClockSynced = isClockSynced
        }
    }

    package enum Decision: Hashable, Sendable {
        case accept(Envelope)
        /// It was accepted before: nothing to do, and nothing to say.
        case known(EnvelopeHeader)
        /// Rightly signed, and for other nodes of the group.
        case others(EnvelopeHeader)
        case refuse(Refusal, EnvelopeHeader?)
    }

    /// What was accepted before is told by version and content, before its key is judged: a rotation revokes the very
    /// key that it came with, and brokers repeat what they retain. A forged copy passes too, and asks for nothing.
    ///
    /// Of all else the signature is judged before what a stranger could learn something by.
    package static func judge(_ bytes: [UInt8], _ here: Circumstances) -> Decision {
        let envelope: Envelope
        do {
            envelope = try Envelope(json: bytes)
        } catch {
            return .refuse(error, nil)
        }
        let header = envelope.header
        if header.kind.subject == here.subject, header.scope == here.scope, header.version == here.highest,
            header.digest == here.highestDigest
        {
            return .known(header)
        }
        do throws(Refusal) {
            let key = try here.keys.key(header.key)
            guard envelope.isSigned(by: key) else { throw Refusal.badSignature(header.key) }
            guard header.kind.subject == here.subject else { throw Refusal.wrongKind(header.kind, on: here.subject) }
            guard header.scope == here.scope, here.isMine(header.scope) else {
                throw Refusal.wrongTarget(header.scope)
            }
            if let only = header.only, !only.contains(here.node) { return .others(header) }
            if header.version == here.highest {
                guard here.highestDigest == nil else { throw Refusal.reused(version: header.version) }
                try here.judgeTime(header)
                return .accept(envelope)
            }
            guard header.version > here.highest else {
                throw Refusal.downgrade(found: header.version, highest: here.highest)
            }
            try here.judgeTime(header)
            return .accept(envelope)
        } catch {
            return .refuse(error, header)
        }
    }
}

extension EnvelopeGate.Circumstances {
    fileprivate func isMine(_ scope: EnvelopeScope) -> Bool {
        switch scope {
        case .all: true
        case .group(let group): groups.contains(group)
        case .node(let node): node == self.node
        }
    }

    fileprivate func judgeTime(_ header: EnvelopeHeader) throws(Refusal) {
        guard isClockSynced else { return }
        if let time = header.notBefore, now < time { throw .notYet }
        if let time = header.expires, now >= time { throw .expired }
    }
}
