import Control
import SedgeCore
import Testing

@testable import Agent
@testable import Store

/// What can not be recorded is not applied: after the next power cut nobody would know of it.
struct RemoteRecordTests {
    private let control: ControlUnderTest

    init() throws { control = try ControlUnderTest() }

    private let reason = "it could not be recorded: "

    @Test func aMessageThatCanNotBeRecordedIsAsIfItHadNotCome() throws {
        let settings = control.configuration(version: 1)
        let change = KeyChange(add: [SigningKey().trusted])
        let keys = control.key.sign(change.json(), kind: .keys, scope: ControlUnderTest.node, version: 1)
        let trusted = control.worker.node.keys
        control.writer.close()
        for envelope in [settings, keys] {
            control.send(envelope)
            let report = try #require(try control.reports(envelope.header.kind.subject).last)
            #expect(report.status == "rejected" && report.reason?.hasPrefix(reason) == true)
            #expect(report.transaction == envelope.header.transaction)
        }
        #expect(control.worker.node.keys == trusted && control.state(.configuration) == nil)
        #expect(control.worker.layered.current.remote.isEmpty)
        // The broker sends it again, and by now there is room.
        try control.restart()
        for envelope in [settings, keys] { control.send(envelope) }
        #expect(control.state(.configuration) == .canary)
        #expect(control.worker.node.keys.trusted.count == 2)
    }

    /// The version is known by then, its content is not.
    @Test func aPayloadThatCanNotBeKeptIsNotApplied() throws {
        let settings = control.configuration(version: 1)
        try control.writer.sync { try $0.connection.execute("ALTER TABLE configurations RENAME TO away") }
        control.send(settings)
        #expect(try control.reports(.configuration).last?.reason?.hasPrefix(reason) == true)
        #expect(control.state(.configuration) == nil && control.worker.layered.current.remote.isEmpty)
        try control.writer.sync { try $0.connection.execute("ALTER TABLE away RENAME TO configurations") }
        control.send(settings)
        #expect(control.state(.configuration) == .canary)
    }

    @Test func anEndThatCanNotBeRecordedIsRecordedLater() throws {
        control.send(control.configuration(version: 1))
        try control.writer.sync { try $0.connection.execute("ALTER TABLE configurations RENAME TO away") }
        control.judge(.configuration)
        let report = try #require(try control.reports(.configuration).last)
        #expect(report.status == "canary" && report.reason?.hasPrefix(reason) == true)
        control.worker.recordLate()
        #expect(try control.reports(.configuration).last == report)
        try control.writer.sync { try $0.connection.execute("ALTER TABLE away RENAME TO configurations") }
        control.worker.recordLate()
        #expect(try control.reports(.configuration).last?.status == "active")
        try control.restart()
        #expect(control.state(.configuration) == nil && !control.worker.layered.current.remote.isEmpty)
    }

    @Test func aTrialThatCanNotBeRecordedDoesNotBegin() throws {
        control.send(try control.model(1, version: 1, waits: true))
        #expect(control.state(.model) == .staged)
        control.writer.close()
        control.worker.perform(control.worker.node.applyRequested(Array("1".utf8)) ?? [])
        let report = try #require(try control.reports(.model).last)
        #expect(report.status == "reverted" && report.reason?.hasPrefix(reason) == true)
        #expect(control.worker.layered.current.bundle == nil)
        // Recorded is that it lies ready.
        try control.restart()
        #expect(control.state(.model) == .staged)
    }
}
