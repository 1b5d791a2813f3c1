import Control
import SedgeCore
import Testing

/// What comes before its time: told once, and taken when the time comes.
struct PostponedTests {
    private let now = Timestamp(milliseconds: 1_000_000)
    private let time = Timestamp(milliseconds: 2_000_000)
    private var node = ControlNode(node: gateway, groups: [plant], keys: KeyRing(file: [signer.trusted]))

    private func later(_ version: Int64, _ edit: (inout EnvelopeHeader) -> Void = { _ in }) -> Envelope {
        configuration(version) {
            $0.notBefore = time
            edit(&$0)
        }
    }

    private mutating func receive(
        _ envelope: Envelope, now: Timestamp? = nil, isClockSynced: Bool = true
    ) -> [ControlNode.Action] {
        node.received(
            envelope.json(), .configuration, toGateway, now: now ?? self.now, isClockSynced: isClockSynced)
    }

    private func refusals(_ actions: [ControlNode.Action]) -> [Refusal] {
        actions.compactMap { if case .audit(let note) = $0 { note.refusal } else { nil } }
    }

    private func reports(_ actions: [ControlNode.Action]) -> [ReportedState] {
        actions.compactMap { if case .report(_, let state) = $0 { state } else { nil } }
    }

    @Test mutating func isToldOnceAndTakenWhenTheTimeComes() throws {
        let early = later(1)
        let actions = receive(early)
        let report = try #require(reports(actions).first)
        #expect(report.status == "received" && report.reason == "its time has not come: see not_before")
        #expect(report.transaction == early.header.transaction && report.active.isEmpty)
        #expect(refusals(actions) == [.notYet])
        #expect(actions.contains(.postpone(try #require(PostponedEnvelope(early.json())))))
        // The broker repeats what it retains.
        #expect(receive(early).isEmpty)
        #expect(node.standing(.configuration, now: now).transaction == early.header.transaction)
        #expect(node.tick(now: Timestamp(milliseconds: 1_999_999), isClockSynced: true).isEmpty)
        let taken = node.tick(now: time, isClockSynced: true)
        #expect(taken.first == .raise("config:node/gw-7", to: 1))
        #expect(taken.last == .forgetPostponed(.configuration, toGateway))
        #expect(node.tick(now: time, isClockSynced: true).isEmpty && receive(early, now: time).isEmpty)
    }

    @Test mutating func goesOnWaitingAfterARestart() throws {
        let early = later(1)
        node = ControlNode(
            node: gateway, groups: [plant], keys: node.keys, postponed: [try #require(PostponedEnvelope(early.json()))])
        #expect(node.standing(.configuration, now: now).status == "received")
        #expect(receive(early).isEmpty)
        // A box without a battery, before its clock is set: what a right clock put off waits.
        let awoken = Timestamp(milliseconds: 1_000)
        #expect(receive(early, now: awoken, isClockSynced: false).isEmpty)
        #expect(node.tick(now: awoken, isClockSynced: false).isEmpty)
        #expect(node.tick(now: time, isClockSynced: true).first == .raise("config:node/gw-7", to: 1))
    }

    @Test mutating func aClockThatIsAheadLetsNothingIn() {
        let early = later(1) { $0.expires = Timestamp(milliseconds: 3_000_000) }
        _ = receive(early)
        let ahead = Timestamp(milliseconds: 9_000_000)
        #expect(node.tick(now: ahead, isClockSynced: false).isEmpty)
        #expect(receive(early, now: ahead, isClockSynced: false).isEmpty)
        #expect(node.standing(.configuration, now: ahead).status == "received")
        #expect(node.tick(now: time, isClockSynced: true).first == .raise("config:node/gw-7", to: 1))
    }

    @Test mutating func aClockThatWasNeverSetPutsNothingOff() {
        #expect(receive(later(1), isClockSynced: false).first == .raise("config:node/gw-7", to: 1))
    }

    @Test mutating func theNewestWaits() {
        _ = receive(later(5))
        let older = receive(later(4))
        #expect(refusals(older) == [.downgrade(found: 4, highest: 5)])
        let other = receive(later(5) { $0.expires = Timestamp(milliseconds: 9_000_000) })
        #expect(refusals(other) == [.reused(version: 5)])
        #expect(refusals(receive(later(6))) == [.superseded(by: 6), .notYet])
        #expect(node.tick(now: time, isClockSynced: true).first == .raise("config:node/gw-7", to: 6))
    }

    @Test mutating func whatIsTakenMeanwhileOvertakesOlderAndNotNewer() {
        _ = receive(later(5))
        let lower = receive(configuration(4))
        #expect(lower.first == .raise("config:node/gw-7", to: 4) && refusals(lower).isEmpty)
        #expect(node.standing(.configuration, now: now).version == 4)
        let higher = receive(configuration(6))
        #expect(refusals(higher) == [.superseded(by: 6)])
        #expect(higher.contains(.forgetPostponed(.configuration, toGateway)))
        #expect(reports(higher).first?.version == 5 && reports(higher).first?.status == "rejected")
        #expect(node.tick(now: time, isClockSynced: true).isEmpty)
    }

    /// Nobody signs an empty message.
    @Test mutating func aClearedTopicTakesNothingBack() {
        _ = receive(later(5))
        #expect(node.received([], .configuration, toGateway, now: now, isClockSynced: true).isEmpty)
        #expect(node.tick(now: time, isClockSynced: true).first == .raise("config:node/gw-7", to: 5))
    }

    /// Judged anew when its time comes: its key may be revoked by then.
    @Test mutating func aRevokedKeysMessageIsRefusedInTheEnd() {
        let early = later(5)
        _ = receive(early)
        let change = KeyChange(add: [stranger.trusted], revoke: [signer.trusted.id])
        let rotation = signer.sign(change.json(), kind: .keys, scope: toGateway, version: 1)
        _ = node.received(rotation.json(), .keys, toGateway, now: now, isClockSynced: true)
        let actions = node.tick(now: time, isClockSynced: true)
        #expect(refusals(actions) == [.revokedKey(signer.trusted.id)])
        #expect(actions.contains(.forgetPostponed(.configuration, toGateway)))
        #expect(node.tick(now: time, isClockSynced: true).isEmpty)
    }
}
