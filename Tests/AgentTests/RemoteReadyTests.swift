import Control
import SedgeCore
import Testing

@testable import Agent

/// A model that lies ready for weeks, and what else is sent meanwhile.
struct RemoteReadyTests {
    private let control: ControlUnderTest
    private let ready: Envelope

    init() throws {
        control = try ControlUnderTest()
        ready = try control.model(1, version: 1, waits: true)
        control.send(ready)
    }

    @Test(arguments: [false, true]) func anotherModelIsTriedMeanwhile(restarts: Bool) throws {
        let forAll = try control.model(2, version: 7, scope: .all)
        control.sendAndKeep(forAll)
        #expect(control.worker.layered.current.bundle == forAll.header.digest)
        let report = try #require(try control.reports(.model).last)
        #expect(report.status == "active" && report.version == 7 && report.availableVersion == 1)
        if restarts { try control.restart() }
        #expect(control.has(ready) && control.state(.model) == .staged)
        control.worker.perform(control.worker.node.applyRequested(Array("1".utf8)) ?? [])
        control.judge(.model)
        #expect(try control.reports(.model).last?.active == ["node/gw-7": 1, "all": 7])
        #expect(try control.reports(.model).last?.availableVersion == nil)
        #expect(control.worker.layered.current.bundle == ready.header.digest)
    }

    @Test func aRestartStillSaysWhichItIs() throws {
        let name = try #require(try control.reports(.model).last?.available)
        try control.restart()
        #expect(try control.reports(.model).last?.available == name)
    }

    @Test func aNewerOneThatHoldsTakesItsPlace() throws {
        let failed = try control.model(2, version: 2)
        control.send(failed)
        control.judge(.model, problem: "it does harm")
        #expect(control.has(ready) && control.worker.node.readyModel?.header == ready.header)
        let newer = try control.model(3, version: 3)
        control.sendAndKeep(newer)
        #expect(try control.reports(.model).last?.active == ["node/gw-7": 3])
        #expect(!control.has(ready) && control.worker.node.readyModel == nil)
        try control.restart()
        #expect(control.worker.node.readyModel == nil)
    }

    @Test(arguments: [false, true]) func anEditedFileCountsAtOnce(isTrialOn: Bool) throws {
        if isTrialOn { control.send(try control.model(2, version: 2)) }
        let state = control.state(.model)
        let other = SigningKey()
        try control.edit(keys: [control.key.trusted, other.trusted], groups: ["plant"])
        #expect(control.worker.node.keys.trusted.count == 2)
        #expect(control.subscriptions.last?.filters.contains("sedge/group/plant/model/desired") == true)
        #expect(control.state(.model) == state)
        control.send(control.configuration(version: 1, scope: try #require(EnvelopeScope("group/plant"))))
        control.judge(.configuration)
        #expect(try control.reports(.configuration).last?.active == ["group/plant": 1])
        try control.edit(keys: [other.trusted], groups: [])
        control.send(control.configuration(version: 1))
        #expect(try control.reports(.configuration).last?.status == "rejected")
        #expect(control.has(ready))
    }
}
