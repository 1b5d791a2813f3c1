import Control
import SedgeCore
import Testing

/// A model that lies ready until somebody asks for it holds nothing up, however long that takes.
struct ReadyModelTests {
    private func model(_ version: Int64, scope: EnvelopeScope = toGateway, waits: Bool = false) -> Envelope {
        signer.sign([UInt8(version)], kind: .bundle, scope: scope, version: version) { $0.waits = waits }
    }

    private func states(_ actions: [RolloutMachine.Action]?) -> [RolloutState] {
        (actions ?? []).compactMap { if case .record(let candidate) = $0 { candidate.state } else { nil } }
    }

    /// Goes as far as nobody has to judge it.
    private func send(_ envelope: Envelope, to machine: inout RolloutMachine) {
        _ = machine.accepted(envelope)
        _ = machine.validated(problem: nil)
        _ = machine.staged(problem: nil)
        _ = machine.applied(problem: nil)
    }

    private func waiting() -> RolloutMachine {
        var machine = RolloutMachine()
        send(model(3, waits: true), to: &machine)
        return machine
    }

    @Test func anotherScopesModelIsTriedMeanwhile() {
        var machine = waiting()
        send(model(9, scope: .group(plant)), to: &machine)
        #expect(machine.candidate?.state == .canary && machine.candidate?.header.version == 9)
        #expect(machine.remembered.count == 2)
        // Asked for during the trial of another, it comes next.
        #expect(machine.startRequested(toGateway, version: 3) == [])
        #expect(states(machine.judged(problem: nil)) == [.active, .canary])
        _ = machine.applied(problem: nil)
        #expect(states(machine.judged(problem: nil)) == [.active])
        #expect(machine.active.mapValues(\.header.version) == [toGateway: 3, .group(plant): 9])
        #expect(machine.ready.isEmpty)
    }

    @Test func aNewerOneThatFailsLeavesItReady() {
        var machine = waiting()
        send(model(4), to: &machine)
        #expect(states(machine.judged(problem: "it does harm")) == [.reverted])
        #expect(states(machine.startRequested(toGateway, version: 3)) == [.canary])
    }

    @Test func aNewerOneThatHoldsTakesItsPlace() {
        var machine = waiting()
        send(model(4), to: &machine)
        #expect(machine.ready[toGateway]?.header.version == 3)
        #expect(states(machine.judged(problem: nil)) == [.active, .rejected])
        #expect(machine.ready.isEmpty)
        #expect(machine.startRequested(toGateway, version: 3) == nil)
        var other = waiting()
        send(model(4, waits: true), to: &other)
        #expect(other.ready[toGateway]?.header.version == 4)
        #expect(other.startRequested(toGateway, version: 3) == nil)
    }

    @Test func afterAPowerCutBothGoOn() {
        let ready = Candidate(header: model(3, waits: true).header, state: .staged)
        let trial = Candidate(header: model(9, scope: .all).header, state: .canary, attempts: 1)
        var machine = RolloutMachine(candidate: trial, waiting: [ready])
        #expect(states(machine.resumed()) == [.canary])
        #expect(machine.ready[toGateway] == ready && machine.waiting.isEmpty)
    }

    @Test func otherKeysAndGroupsHoldDuringATrial() {
        let now = Timestamp(milliseconds: 1_000_000)
        var node = ControlNode(node: gateway, groups: [plant], keys: KeyRing(file: [signer.trusted]))
        let first = configuration(1)
        _ = node.received(first.json(), .configuration, toGateway, now: now, isClockSynced: true)
        _ = node.drive(.configuration) { $0.validated(problem: nil) }
        _ = node.drive(.configuration) { $0.staged(problem: nil) }
        _ = node.drive(.configuration) { $0.applied(problem: nil) }
        let forGroup = configuration(1, scope: .group(plant), payload: [1])
        _ = node.received(forGroup.json(), .configuration, .group(plant), now: now, isClockSynced: true)
        #expect(node.machines[.configuration]?.waiting.count == 1)
        let file = ControlNode(node: gateway, groups: [], keys: KeyRing(file: [stranger.trusted]))
        #expect(node.hears(as: file).isEmpty)
        #expect(node.groups.isEmpty && node.keys.trusted.keys.sorted() == [stranger.trusted.id])
        #expect(node.machines[.configuration]?.candidate?.state == .canary)
        #expect(node.machines[.configuration]?.waiting.isEmpty == true)
    }
}
