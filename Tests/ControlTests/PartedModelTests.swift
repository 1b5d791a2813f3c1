import Control
import SedgeCore
import Testing

/// A bundle whose parts are on their way, perhaps in vain, holds nothing up.
struct PartedModelTests {
    private func model(_ version: Int64, _ kind: EnvelopeKind, scope: EnvelopeScope = toGateway) -> Envelope {
        signer.sign([UInt8(version)], kind: kind, scope: scope, version: version)
    }

    private func states(_ actions: [RolloutMachine.Action]) -> [RolloutState] {
        actions.compactMap { if case .record(let candidate) = $0 { candidate.state } else { nil } }
    }

    /// From validation to the canary.
    private func tryOut(_ machine: inout RolloutMachine) {
        _ = machine.validated(problem: nil)
        _ = machine.staged(problem: nil)
        _ = machine.applied(problem: nil)
    }

    @Test func anotherScopesModelGoesAhead() {
        var machine = RolloutMachine()
        let parted = model(9, .manifest, scope: .all)
        #expect(machine.accepted(parted).last == .fetch(Candidate(header: parted.header)))
        #expect(machine.accepted(model(1, .bundle)).last == .validate(Candidate(header: model(1, .bundle).header)))
        tryOut(&machine)
        // Whole in the middle of that trial, it waits for its end.
        #expect(machine.fetched(.all, version: 9, problem: nil).isEmpty)
        #expect(machine.candidate?.header.version == 1 && machine.waiting.count == 1)
        #expect(machine.judged(problem: nil).last == .validate(Candidate(header: parted.header)))
        #expect(machine.fetching.isEmpty)
    }

    @Test func aTrialIsNotBrokenOffByAnnouncedParts() {
        var machine = RolloutMachine()
        _ = machine.accepted(model(1, .bundle))
        tryOut(&machine)
        #expect(states(machine.accepted(model(2, .manifest))).isEmpty)
        #expect(machine.candidate?.state == .canary)
        #expect(states(machine.fetched(toGateway, version: 2, problem: nil)) == [.reverted], "now it is a newer one")
        #expect(machine.candidate?.header.version == 2)
    }

    @Test func aNewerOneOfItsScopeTakesItsPlace() {
        var machine = RolloutMachine()
        _ = machine.accepted(model(1, .manifest))
        #expect(states(machine.accepted(model(2, .manifest))) == [.rejected])
        #expect(machine.fetched(toGateway, version: 1, problem: nil).isEmpty)
        #expect(states(machine.accepted(model(3, .bundle))) == [.rejected])
        #expect(machine.fetching.isEmpty && machine.candidate?.header.version == 3)
    }

    @Test func partsThatCanNotBeUsedAreTold() {
        var machine = RolloutMachine()
        _ = machine.accepted(model(1, .manifest))
        #expect(states(machine.fetched(toGateway, version: 1, problem: "no space")) == [.rejected])
        #expect(machine.remembered.isEmpty)
    }

    @Test func afterAPowerCutAllOfThemGoOn() {
        let open = [model(1, .manifest), model(9, .manifest, scope: .all)].map { Candidate(header: $0.header) }
        var machine = RolloutMachine(candidate: open[0], waiting: [open[1]])
        #expect(machine.candidate == nil && machine.waiting.isEmpty)
        #expect(Set(machine.resumed()) == [.fetch(open[0]), .fetch(open[1])])
    }

    @Test func whatWaitsIsNotLostWhenANewerOneTakesOverFromTheTrial() {
        var machine = RolloutMachine()
        _ = machine.accepted(model(1, .bundle))
        tryOut(&machine)
        let waiting = model(9, .bundle, scope: .all)
        _ = machine.accepted(waiting)
        let actions = machine.accepted(model(2, .bundle))
        #expect(states(actions) == [.reverted])
        #expect(actions.last == .validate(Candidate(header: model(2, .bundle).header)))
        #expect(!actions.contains(.validate(Candidate(header: waiting.header))))
        #expect(machine.waiting.map(\.header.version) == [9])
    }

    @Test func whatWaitsInVainIsTold() {
        var machine = RolloutMachine()
        _ = machine.accepted(model(1, .bundle))
        tryOut(&machine)
        _ = machine.accepted(model(9, .bundle, scope: .all))
        #expect(states(machine.accepted(model(10, .bundle, scope: .all))) == [.rejected])
        #expect(machine.waiting.map(\.header.version) == [10] && machine.candidate?.state == .canary)
    }
}
