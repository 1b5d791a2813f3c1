import ArgumentParser
import Messaging
import SedgeCore
import TestSupport
import Testing

@testable import sedge

/// How findings are shown, and how the parts that touch the machine behave on odd ones.
@Suite struct DoctorReportTests {
    private static let findings: [Finding] = [
        .ok(.configuration, "/c", "fine"),
        .warn(.broker, "b:1", "lost b:1", advice: "look"),
        .fail(.stream, "a\u{1B}[2Jb\nc", .data, "bad", advice: "do"),
        .fail(.disk, nil, .io, "full"),
    ]

    @Test func aFindingIsALine() {
        #expect(
            FindingTable(findings: Self.findings, isColoured: false).text == """
                ok    configuration  /c: fine
                warn  broker         lost b:1 → look
                fail  stream         a·[2Jb·c: bad → do
                fail  disk           full
                1 ok, 1 to look at, 2 failed

                """)
    }

    @Test func coloursAreThereOnlyWhenWanted() {
        let coloured = FindingTable(findings: Self.findings, isColoured: true).text
        #expect(coloured.hasPrefix("\u{1B}[32mok\u{1B}[0m    configuration  /c: fine\n\u{1B}[33mwarn\u{1B}[0m  broker"))
        #expect(!FindingTable(findings: Self.findings, isColoured: false).text.contains("\u{1B}"))
    }

    @Test func jsonHasEveryKey() {
        #expect(
            String(decoding: PayloadJSON.encode([Self.findings[0], Self.findings[3]]), as: UTF8.self) == """
                [{"advice":null,"check":"configuration","found":"fine","level":"ok","subject":"/c"},\
                {"advice":null,"check":"disk","found":"full","level":"fail","subject":null}]
                """)
    }

    @Test func theFirstFailureGivesTheStatus() {
        #expect(Self.findings.exitCode == .data)
        #expect(Array(Self.findings[..<2]).exitCode == .success)
    }

    @Test func theLockHolderIsFoundByItsFile() {
        let locks = """
            1: POSIX  ADVISORY  WRITE 11 fe:00:42 0 EOF
            2: FLOCK  ADVISORY  WRITE 12 fe:00:421 0 EOF
            3: FLOCK  ADVISORY  WRITE 13 fe:00:42 0 EOF
            3: -> FLOCK  ADVISORY  WRITE 14 fe:00:42 0 EOF
            broken
            """
        let holder = DiskExamination.holder(inode: 42, locks: locks) { "p\($0)" }
        #expect(holder == LockHolder(process: 13, name: "p13"))
        #expect(DiskExamination.holder(inode: 43, locks: locks) { _ in "" } == nil)
        #expect(DiskExamination.holder(of: "/nowhere/sedge.db") == nil)
    }

    @Test func databasesAreLookedAtWithoutATrace() throws {
        let folder = TemporaryFolder()
        func condition(_ name: String) -> DatabaseObservation.Condition {
            DiskExamination.database(folder.file(name), holder: nil).condition
        }
        #expect(condition("absent.db") == .absent)
        #expect(!FileBytes.exists(folder.file("absent.db")) && !FileBytes.exists(folder.file("absent.db.lock")))
        try folder.write("text.db", String(repeating: "this is no database ", count: 500))
        guard case .damaged = condition("text.db") else {
            Issue.record("found \(condition("text.db"))")
            return
        }
        try folder.write("cut.db", "")
        try folder.write("cut.db-journal", "x")
        #expect(condition("cut.db") == .interrupted)
        #expect(DiskExamination.disk(StoreConfiguration(), holder: nil).retentionMB == 256)
    }

    @Test func theAgentsOwnTopicsAreRead() throws {
        let topics = Topics(node: try NodeID("gw-7"))
        func message(_ topic: String, _ payload: String, isRetained: Bool = false) -> CapturedMessage {
            CapturedMessage(
                topic: Array(topic.utf8), payload: Array(payload.utf8), arrival: Timestamp(milliseconds: 0),
                isRetained: isRetained)
        }
        let health = Health(
            ts: Timestamp(milliseconds: 5), uptime: 1, rssBytes: 1, cpuPercent: 0, queueDepth: 0, droppedTotal: 0,
            decodeErrorsTotal: 0, lateTotal: 0, suppressedTotal: 0, insightsLostTotal: 0, flashBytesWrittenTotal: 0,
            messagesPerSecond: 0, messagesTotal: 0, streams: 0,
            kernel: "scalar", reconnectsTotal: 0, outboxPending: 0, model: nil, version: "1", bootID: "b")
        let text = String(decoding: PayloadJSON.encode(health), as: UTF8.self)
        let status = String(
            decoding: PayloadJSON.encode(StreamStatus(ts: Timestamp(milliseconds: 7), phase: .ready)), as: UTF8.self)
        let heard = AgentMessages(
            [
                message("sedge/gw-7/availability", "offline", isRetained: true),
                message("sedge/gw-7/availability", "online"),
                message("sedge/gw-7/health", text, isRetained: true), message("sedge/gw-7/health", "garbage"),
                message("sedge/gw-7/state/pump-1", status), message("sedge/gw-7/state/pump-2", status),
                message("sedge/gw-7/state/pump-2", ""), message("sedge/gw-70/state/pump-3", status),
                message("sedge/gw-7/state/b a d", status),
            ], topics: topics, statePrefix: "sedge/gw-7/state/")
        #expect(heard.availability == "online")
        #expect(heard.lastHealth == health && heard.firstHealth == nil, "what the broker kept is not news")
        #expect(heard.states.keys.map(\.description) == ["pump-1"])
        #expect(heard.states.values.first?.phase == .ready)
    }

    @Test(arguments: ["0", "3601", "nan"])
    func refusesATimeThatMakesNoSense(seconds: String) {
        #expect(throws: (any Error).self) { try Sedge.parseAsRoot(["doctor", "--seconds", seconds]) }
    }
}
