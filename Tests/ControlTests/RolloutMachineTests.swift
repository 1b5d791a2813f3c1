import Control
import SedgeCore
import Testing

struct RolloutMachineTests {
    /// Follows the machine as a driver does that succeeds at everything, up to the canary.
    private func atCanary(_ version: Int64 = 1) -> RolloutMachine {
        var machine = RolloutMachine()
        _ = machine.accepted(configuration(version))
        _ = machine.validated(problem: nil)
        _ = machine.staged(problem: nil)
        _ = machine.applied(problem: nil)
        return machine
    }

    private func states(_ actions: [RolloutMachine.Action]) -> [RolloutState] {
        actions.compactMap { if case .record(let candidate) = $0 { candidate.state } else { nil } }
    }

    @Test func goesAllTheWay() throws {
        var machine = RolloutMachine()
        let envelope = configuration(1)
        var candidate = Candidate(header: envelope.header)
        #expect(machine.accepted(envelope) == [.keep(candidate, payload: settings), .validate(candidate)])
        candidate.state = .validated
        #expect(machine.validated(problem: nil) == [.record(candidate), .stage(candidate)])
        var staged = candidate
        staged.state = .staged
        candidate.state = .canary
        candidate.attempts = 1
        #expect(
            machine.staged(problem: nil) == [.record(staged), .report(staged), .record(candidate), .apply(candidate)])
        #expect(machine.applied(problem: nil) == [.report(candidate), .watch(candidate)])
        candidate.state = .active
        #expect(machine.judged(problem: nil) == [.record(candidate), .report(candidate)])
        #expect(machine.active[toGateway] == candidate)
        #expect(machine.candidate == nil)
    }

    @Test func revertsWhenTheCanaryFails() throws {
        var machine = atCanary()
        let actions = machine.judged(problem: "no samples")
        #expect(states(actions) == [.reverted])
        guard case .revert(let reverted) = actions[1] else {
            Issue.record("\(actions)")
            return
        }
        #expect(reverted.reason == "no samples")
        #expect(machine.active.isEmpty && machine.candidate == nil)
    }

    @Test func whatCanNotBeUsedIsRejectedBeforeAnythingChanges() {
        var machine = RolloutMachine()
        _ = machine.accepted(configuration(1))
        let actions = machine.validated(problem: "stream[0].hop: found 9")
        #expect(states(actions) == [.rejected])
        #expect(!actions.contains { if case .revert = $0 { true } else { false } })
        var second = RolloutMachine()
        _ = second.accepted(configuration(1))
        _ = second.validated(problem: nil)
        #expect(states(second.staged(problem: "no space")) == [.rejected])
    }

    @Test func whatCouldNotBeAppliedNeedsNoUndoing() {
        var machine = RolloutMachine()
        _ = machine.accepted(configuration(1))
        _ = machine.validated(problem: nil)
        _ = machine.staged(problem: nil)
        let actions = machine.applied(problem: "x")
        #expect(states(actions) == [.reverted])
        #expect(!actions.contains { if case .revert = $0 { true } else { false } })
    }

    @Test(arguments: [RolloutState.verified, .validated])
    func afterAPowerCutBeforeStagingItBeginsAgain(_ state: RolloutState) {
        var machine = RolloutMachine(candidate: Candidate(header: configuration(1).header, state: state))
        #expect(machine.resumed() == [.validate(Candidate(header: configuration(1).header, state: .verified))])
    }

    @Test func afterAPowerCutWhenStagedItGoesOn() {
        var machine = RolloutMachine(candidate: Candidate(header: configuration(1).header, state: .staged))
        #expect(states(machine.resumed()) == [.canary])
    }

    @Test func aCanaryThatEndsTheAgentTwiceIsReverted() {
        let header = configuration(1).header
        var machine = RolloutMachine(candidate: Candidate(header: header, state: .canary, attempts: 1))
        let again = Candidate(header: header, state: .canary, attempts: 2)
        #expect(machine.resumed() == [.record(again), .apply(again)])
        var third = RolloutMachine(candidate: again)
        let actions = third.resumed()
        #expect(states(actions) == [.reverted])
        #expect(third.candidate == nil && third.active.isEmpty)
    }

    @Test func aStagedModelWaitsUntilItIsAskedFor() {
        let envelope = signer.sign([1], kind: .bundle, scope: toGateway, version: 3) { $0.waits = true }
        var machine = RolloutMachine()
        _ = machine.accepted(envelope)
        _ = machine.validated(problem: nil)
        #expect(states(machine.staged(problem: nil)) == [.staged])
        #expect(machine.startRequested(toGateway, version: 2) == nil)
        #expect(machine.startRequested(.group(plant), version: 3) == nil)
        #expect(machine.startRequested(toGateway, version: 3).map(states) == [.canary])
        var resumed = RolloutMachine(candidate: Candidate(header: envelope.header, state: .staged))
        #expect(states(resumed.resumed()).isEmpty)
        #expect(resumed.ready[toGateway]?.state == .staged && resumed.candidate == nil)
    }

    @Test func aNewerOneTakesOver() {
        var machine = atCanary(1)
        let actions = machine.accepted(configuration(2, payload: [2]))
        #expect(states(actions) == [.reverted])
        // The first is taken back before: the second may turn out unusable.
        #expect(actions.contains { if case .revert = $0 { true } else { false } })
        #expect(machine.candidate?.header.version == 2)
        #expect(actions.contains(.validate(Candidate(header: configuration(2, payload: [2]).header))))
    }

    @Test func anotherScopeWaitsItsTurn() {
        var machine = atCanary(1)
        let group = configuration(9, scope: .group(plant), payload: [9])
        #expect(machine.accepted(group) == [.keep(Candidate(header: group.header), payload: [9])])
        let actions = machine.judged(problem: nil)
        #expect(actions.last == .validate(Candidate(header: group.header)))
    }

    @Test func theSameContentNeedsNoCanary() {
        var machine = atCanary(1)
        _ = machine.judged(problem: nil)
        let actions = machine.accepted(configuration(2))
        #expect(states(actions) == [.active])
        #expect(machine.active[toGateway]?.header.version == 2)
    }
}
