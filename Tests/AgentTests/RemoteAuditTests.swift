import Control
import SedgeCore
import Store
import Testing

@testable import Agent
@testable import Store

/// The audit log holds every message that was accepted or refused, alone or counted.
struct RemoteAuditTests {
    private let control: ControlUnderTest

    init() throws { control = try ControlUnderTest() }

    private func refusals() throws -> [AuditEntry] { try control.audit().filter { !$0.accepted } }

    @Test func noRefusalOfAFloodIsMissing() throws {
        let strangers = [SigningKey(), SigningKey()]
        for number in 1...300 {
            let key = strangers[number % 2]
            let payload = [UInt8(number & 255)]
            control.send(
                key.sign(payload, kind: .configuration, scope: ControlUnderTest.node, version: Int64(number)))
        }
        control.send(control.configuration(version: 1))
        #expect(try refusals().count == RefusalTally.alone, "the rest comes with the next look at the clock")
        control.worker.writeRefusals(SystemTime.monotonicNanoseconds())
        control.send(Array("no envelope".utf8))
        control.worker.writeRefusals(SystemTime.monotonicNanoseconds(), isLast: true)
        let entries = try refusals()
        #expect(entries.map(\.count).reduce(0, +) == 301)
        #expect(entries.count == RefusalTally.alone + 3)
        for key in strangers {
            let mine = entries.filter { $0.key == "\(key.trusted.id)" }
            #expect(mine.map(\.count).reduce(0, +) == 150)
            #expect(mine.first { $0.count > 1 }?.reason == "the key is not trusted here")
        }
        #expect(try control.audit().count { $0.accepted && $0.key == "\(control.key.trusted.id)" } == 1)
        // Nothing is left to be written.
        control.worker.writeRefusals(.max, isLast: true)
        #expect(try refusals() == entries)
    }

    @Test func whatComesAgainIsCountedAndNotListed() throws {
        let wrong = SigningKey().sign([1], kind: .configuration, scope: ControlUnderTest.node, version: 1)
        for _ in 0..<5 { control.send(wrong) }
        control.worker.writeRefusals(SystemTime.monotonicNanoseconds(), isLast: true)
        #expect(try refusals().map(\.count).sorted() == [1, 4])
        #expect(try control.reports(.configuration).count { $0.status == "rejected" } == 1)
    }

    @Test func aRefusalThatCouldNotBeStoredIsStoredLater() throws {
        try control.writer.sync { try $0.connection.execute("ALTER TABLE audit RENAME TO away") }
        control.send(Array("no envelope".utf8))
        control.worker.writeRefusals(SystemTime.monotonicNanoseconds(), isLast: true)
        try control.writer.sync { try $0.connection.execute("ALTER TABLE away RENAME TO audit") }
        #expect(try refusals().isEmpty)
        control.worker.writeRefusals(SystemTime.monotonicNanoseconds(), isLast: true)
        #expect(try refusals().map(\.reason) == ["not an envelope"])
    }

    @Test func whatWasAcceptedAndCouldNotBeRecordedIsNoted() throws {
        try control.writer.sync { try $0.connection.execute("ALTER TABLE configurations RENAME TO away") }
        let settings = control.configuration(version: 1)
        control.send(settings)
        #expect(try refusals().first?.reason.hasPrefix("it could not be recorded: ") == true)
        #expect(try refusals().first?.key == "\(settings.header.key)")
    }

    @Test func whatWasAcceptedAndCameToNothingIsNoted() throws {
        let change = control.configuration(version: 1)
        control.send(change)
        control.judge(.configuration, problem: "it does harm")
        let entries = try control.audit()
        #expect(entries.map(\.accepted) == [false, true])
        #expect(entries.first?.reason == "reverted: it does harm" && entries.first?.version == 1)
        #expect(entries.first?.key == "\(change.header.key)")
    }

    @Test func whoeverAsksForAModelIsNoted() throws {
        let model = try control.model(1, version: 4, waits: true)
        control.send(model)
        for text in ["5", "", "latest"] { control.worker.startModel(Array(text.utf8)) }
        let reasons = try refusals().map(\.reason)
        #expect(reasons.count == 3 && Set(reasons) == ["model/apply names no version that lies ready"])
        #expect(control.state(.model) == .staged)
        // Asked for some other day.
        control.worker.startModel(Array("4".utf8), isRetained: true)
        #expect(try control.reports(.model).last?.reason == "\(Refusal.retained)")
        #expect(control.state(.model) == .staged)
        control.worker.startModel(Array("4".utf8))
        let last = try #require(try control.audit().first)
        #expect(last.accepted && last.reason == "model/apply starts it" && last.version == 4)
        #expect(control.state(.model) == .canary)
    }

    @Test func whatFoundNoRoomIsCountedAndAskedForAnew() throws {
        let inbox = ControlInbox()
        let address = ControlTopics.Address.desired(.configuration, ControlUnderTest.node)
        let large = [UInt8](repeating: 0, count: 1 << 20)
        var taken = 0
        while inbox.push(.message(topic: "sedge/gw-7/config/desired", payload: large)) { taken += 1 }
        #expect(taken == 8)
        for _ in 0..<3 { inbox.miss(address) }
        let count = control.subscriptions.count
        control.worker.tendMissed(inbox.takeMissed(), isOver: false)
        #expect(inbox.takeMissed().isEmpty && control.subscriptions.count == count, "the crowd is still there")
        control.worker.tendMissed([:], isOver: false)
        #expect(control.subscriptions.count == count, "what waits comes first")
        control.worker.tendMissed([:], isOver: true)
        #expect(control.subscriptions.last?.anew == "sedge/gw-7/config/desired")
        #expect(control.subscriptions.last?.filters.contains("sedge/gw-7/config/desired") == true)
        control.worker.tendMissed([:], isOver: true)
        #expect(control.subscriptions.count == count + 1)
        control.worker.writeRefusals(SystemTime.monotonicNanoseconds(), isLast: true)
        #expect(try refusals().map(\.count) == [3])
    }

    @Test func aFloodLosesNeitherTheFileNorAConnection() {
        let inbox = ControlInbox()
        while inbox.push(.message(topic: "t", payload: [0])) {}
        for _ in 0..<2 {
            #expect(inbox.push(.connected))
            #expect(inbox.push(.file))
        }
        let taken = inbox.take(within: 0)
        #expect(taken.count == 66, "64 messages a turn, after what is more urgent")
        guard case .file = taken[0], case .connected = taken[1], case .message = taken[2] else {
            Issue.record("\(taken.prefix(3))")
            return
        }
        var count = taken.count - 2
        while true {
            let more = inbox.take(within: 0)
            if more.isEmpty { break }
            count += more.count
        }
        #expect(count == 4096)
        #expect(inbox.push(.message(topic: "t", payload: [UInt8](repeating: 0, count: 8 << 20))), "all room is back")
    }

    // MARK: Before its time

    @Test(arguments: [false, true]) func whatComesBeforeItsTimeIsToldOnceAndTakenThen(restarts: Bool) throws {
        let due = Timestamp(milliseconds: SystemTime.now().milliseconds + 3_600_000)
        let early = control.key.sign(
            Array(#"{"adaptation":{"alarms_per_week":2}}"#.utf8), kind: .configuration, scope: ControlUnderTest.node,
            version: 1
        ) { $0.notBefore = due }
        control.send(early)
        let told = try control.reports(.configuration)
        #expect(told.last?.status == "received" && told.last?.transaction == early.header.transaction)
        #expect(try control.audit().map(\.reason) == ["its time has not come: see not_before"])
        if restarts { try control.restart() }
        control.send(early)
        control.send(early, now: Timestamp(milliseconds: 1), isClockSynced: false)
        control.tick(due + -1)
        #expect(try control.reports(.configuration) == told && control.audit().count == 1)
        #expect(control.state(.configuration) == nil)
        let standing = control.worker.node.standing(.configuration, now: SystemTime.now())
        #expect(standing.status == "received" && standing.transaction == early.header.transaction)
        control.tick(due)
        #expect(control.state(.configuration) == .canary)
        control.judge(.configuration)
        #expect(try control.audit().map(\.accepted) == [true, false])
        #expect(try control.writer.sync { try $0.postponed() }.isEmpty)
        try control.restart()
        control.tick(due)
        #expect(control.state(.configuration) == nil && !control.worker.layered.current.remote.isEmpty)
    }
}
