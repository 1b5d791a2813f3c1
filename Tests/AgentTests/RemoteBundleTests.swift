import Control
import SedgeCore
import Store
import Testing

@testable import Agent

/// No bundle goes that anything names, and none stays that nothing does.
struct RemoteBundleTests {
    private let control: ControlUnderTest

    init() throws { control = try ControlUnderTest() }

    @Test func aNodesModelOutlivesThoseForAll() throws {
        let own = try control.model(1, version: 1)
        let first = try control.model(2, version: 1, scope: .all)
        let second = try control.model(3, version: 2, scope: .all)
        for envelope in [own, first, second] { control.sendAndKeep(envelope) }
        #expect(try control.reports(.model).last?.active == ["node/gw-7": 1, "all": 2])
        #expect(control.has(own) && !control.has(first) && control.has(second))
        #expect(control.worker.layered.current.bundle == own.header.digest)
        control.send(control.configuration(version: 1))
        #expect(control.state(.configuration) == .canary)
        control.judge(.configuration)
        try control.restart()
        #expect(control.has(own) && control.has(second))
        #expect(control.worker.layered.current.bundle == own.header.digest)
        #expect(!control.worker.layered.current.remote.isEmpty)
    }

    @Test func aPilotsBundleStaysAsLongAsItsStreamNamesIt() throws {
        let pilot = try control.model(1, version: 1, waits: true)
        control.send(pilot)
        #expect(control.state(.model) == .staged)
        let stream = #"{"stream":[{"topic":"t","id":"s","channels":{"x":"$.x"},"bundle":"\#(pilot.header.digest)"}]}"#
        control.sendAndKeep(control.configuration(stream, version: 1))
        #expect(try control.reports(.configuration).last?.status == "active")
        for number in 2...4 { control.sendAndKeep(try control.model(UInt64(number), version: Int64(number))) }
        #expect(try control.reports(.model).last?.active == ["node/gw-7": 4])
        #expect(control.has(pilot))
        try control.restart()
        #expect(control.has(pilot) && !control.worker.layered.current.remote.isEmpty)
        control.send(control.configuration(version: 1, scope: .all))
        #expect(control.state(.configuration) == .canary)
        control.judge(.configuration)
        // Named no more.
        control.sendAndKeep(control.configuration(version: 2))
        #expect(!control.has(pilot))
    }

    /// The power goes when it is recorded that a model is active, before anything else.
    @Test func aCutAfterTheLastRecordLosesNoModel() throws {
        let former = try control.model(1, version: 1)
        let live = try control.model(2, version: 2)
        control.sendAndKeep(former)
        control.send(live)
        #expect(control.state(.model) == .canary && control.has(former))
        try control.writer.sync {
            try $0.updateRollout(
                target: "node/gw-7", version: 2, state: "active", reason: nil, attempts: 1, at: SystemTime.now(),
                in: .models)
        }
        try control.restart()
        #expect(control.worker.layered.current.bundle == live.header.digest)
        #expect(control.has(live) && !control.has(former))
        let next = try control.model(3, version: 3, waits: true)
        control.send(next)
        #expect(control.state(.model) == .staged && control.has(live) && control.has(next))
        control.send(control.configuration(version: 1))
        #expect(control.state(.configuration) == .canary)
    }

    @Test func whatWaitsForItsTurnIsKept() throws {
        let (own, forAll) = (try control.model(1, version: 1), try control.model(2, version: 1, scope: .all))
        control.send(own)
        control.send(forAll)
        control.send(control.configuration(version: 1))
        control.send(control.configuration(version: 1, scope: .all))
        for subject in [ControlSubject.model, .configuration] {
            for _ in 0..<2 {
                #expect(control.state(subject) == .canary)
                control.judge(subject)
            }
            #expect(try control.reports(subject).last?.active == ["node/gw-7": 1, "all": 1])
        }
        #expect(control.has(own) && control.has(forAll))
    }

    @Test func whatIsTakenBackGoes() throws {
        let (good, bad) = (try control.model(1, version: 1), try control.model(2, version: 2))
        control.sendAndKeep(good)
        control.send(bad)
        control.judge(.model, problem: "it does harm")
        #expect(control.has(good) && !control.has(bad))
        #expect(control.worker.layered.current.bundle == good.header.digest)
    }
}
