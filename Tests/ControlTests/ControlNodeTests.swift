import Control
import SedgeCore
import Testing

struct ControlNodeTests {
    private let now = Timestamp(milliseconds: 1_000_000)

    private func node(_ highest: [String: Int64] = [:]) -> ControlNode {
        ControlNode(node: gateway, groups: [plant], keys: KeyRing(file: [signer.trusted]), highest: highest)
    }

    private func receive(
        _ envelope: Envelope, _ node: inout ControlNode, subject: ControlSubject = .configuration,
        scope: EnvelopeScope = toGateway, now: Timestamp? = nil
    ) -> [ControlNode.Action] {
        node.received(envelope.json(), subject, scope, now: now ?? self.now, isClockSynced: true)
    }

    @Test func aVersionIsKnownForGoodBeforeAnythingElse() {
        var node = node()
        let actions = receive(configuration(5), &node)
        #expect(actions.first == .raise("config:node/gw-7", to: 5))
        #expect(actions.contains(.rollout(.configuration, .validate(Candidate(header: configuration(5).header)))))
        #expect(receive(configuration(5), &node).isEmpty)
    }

    @Test func aRefusalIsToldOnceHoweverOftenTheBrokerRepeatsIt() throws {
        var node = node()
        let wrong = configuration(1, key: stranger)
        let actions = receive(wrong, &node)
        guard case .audit(let note) = actions.first, case .report(.configuration, let state) = actions.last else {
            Issue.record("\(actions)")
            return
        }
        #expect(note.refusal == .unknownKey(stranger.trusted.id))
        #expect(state.status == "rejected" && state.reason == "key \(stranger.trusted.id) is not trusted here")
        #expect(state.transaction == wrong.header.transaction)
        #expect(receive(wrong, &node) == [.recur(note)])
    }

    @Test func keysRotateAndOldOnesAreRefused() {
        var node = node()
        let change = KeyChange(add: [stranger.trusted], revoke: [signer.trusted.id])
        let rotation = signer.sign(change.json(), kind: .keys, scope: toGateway, version: 1)
        let actions = receive(rotation, &node, subject: .keys)
        #expect(actions.contains(.change(change, AppliedKeyChange(rotation.header, ordinal: 1))))
        guard case .report(.keys, let state) = actions.last else {
            Issue.record("\(actions)")
            return
        }
        #expect(state.status == "active" && state.trusted == ["\(stranger.trusted.id)"])
        #expect(state.active == ["node/gw-7": 1])
        // The broker repeats what revoked its own key; it holds all the same.
        #expect(receive(rotation, &node, subject: .keys).isEmpty)
        guard case .report(_, let refused)? = receive(configuration(1), &node).last else {
            Issue.record("no report")
            return
        }
        #expect(refused.reason == "key \(signer.trusted.id) is revoked")
        #expect(!receive(configuration(1, key: stranger), &node).isEmpty)
    }

    @Test func whatCanNotBeRecordedIsJudgedAnew() {
        var node = node()
        let before = node
        let actions = receive(configuration(5), &node)
        let told = node.undo(actions, to: before, reason: "the disk is full", now: now)
        guard case .report(.configuration, let state) = told.last, case .audit(let note) = told.first, told.count == 2
        else {
            Issue.record("\(told)")
            return
        }
        #expect(note.refusal == .unusable("the disk is full") && note.header == configuration(5).header)
        #expect(state.status == "rejected" && state.version == 5 && state.reason == "the disk is full")
        #expect(node.machines[.configuration]?.candidate == nil)
        #expect(receive(configuration(5), &node).first == .raise("config:node/gw-7", to: 5))
    }

    @Test func onlyWhatLiesReadyCanBeAskedFor() {
        var node = node()
        let model = signer.sign([1], kind: .bundle, scope: toGateway, version: 3) { $0.waits = true }
        _ = receive(model, &node, subject: .model)
        #expect(node.applyRequested(Array("3".utf8)) == nil)
        _ = node.drive(.model) { $0.validated(problem: nil) }
        _ = node.drive(.model) { $0.staged(problem: nil) }
        #expect(node.standing(.model, now: now).availableVersion == 3)
        for text in ["2", "", "3 ", "latest", "-3"] { #expect(node.applyRequested(Array(text.utf8)) == nil) }
        #expect(node.applyRequested(Array("3".utf8)) != nil)
    }

    @Test func aChangeOfKeysThatCanNotBeIsAudited() {
        var node = node()
        let change = KeyChange(revoke: [signer.trusted.id])
        let last = signer.sign(change.json(), kind: .keys, scope: toGateway, version: 1)
        let refusals = receive(last, &node, subject: .keys).compactMap { action -> Refusal? in
            if case .audit(let note) = action { note.refusal } else { nil }
        }
        #expect(refusals == [.unusable("it would leave no trusted key")])
    }

    @Test func theLastChangeOfKeysIsWhatIsReported() throws {
        var node = node()
        let changes = [EnvelopeScope.all, toGateway, .all].enumerated().map { index, scope in
            let change = KeyChange(add: [SigningKey().trusted])
            return signer.sign(change.json(), kind: .keys, scope: scope, version: Int64(index + 1))
        }
        var applied: [AppliedKeyChange] = []
        for envelope in changes {
            for case .change(_, let one) in receive(envelope, &node, subject: .keys, scope: envelope.header.scope) {
                applied.append(one)
            }
        }
        #expect(applied.map(\.ordinal) == [1, 2, 3])
        // As it is kept, and read again after a restart.
        let known = try applied.map { try #require(AppliedKeyChange(text: $0.text, version: $0.version)) }
        #expect(known == applied)
        let again = ControlNode(
            node: gateway, groups: [plant], keys: node.keys, keyChanges: [known[1], known[2]])
        let standing = again.standing(.keys, now: now)
        #expect(standing.transaction == changes[2].header.transaction && standing.version == 3)
        #expect(standing.target == "all" && standing.key == "\(signer.trusted.id)" && standing.status == "active")
        #expect(standing.active == ["all": 3, "node/gw-7": 2])
        // What an earlier version of the agent kept says less.
        let digest = changes[0].header.digest
        let former = try #require(AppliedKeyChange(text: "all \(digest)", version: 4))
        #expect(former.digest == digest && former.ordinal == 0 && former.key == nil && former.transaction == nil)
        for text in ["", "all", "all x", "nobody \(digest)", "all \(digest) 1"] {
            #expect(AppliedKeyChange(text: text, version: 1) == nil)
        }
    }

    @Test func beforeAnythingCameTheFileHolds() {
        let state = node().standing(.configuration, now: now)
        #expect(state.status == "active" && state.version == nil && state.active.isEmpty)
        #expect(state.groups == ["plant"])
    }
}
