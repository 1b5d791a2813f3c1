import Logging
import Messaging
import SedgeCore
import TestSupport
import Testing

@testable import Agent
@testable import Store

@Suite struct InsightSenderTests {
    private let folder = TemporaryFolder()

    private let node = try! NodeID("n")

    private func make() throws -> (sender: InsightSender, writer: StoreWriter) {
        let opened = try Store.open(
            at: folder.file("sedge.db"), options: StoreOptions(node: node, bootID: "b"), now: SystemTime.now())
        let writer = StoreWriter(opened.store)
        let sender = InsightSender(
            writer: writer, topics: Topics(node: node), backfillPerSecond: 10,
            log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        ) { _, _, _ in true }
        return (sender, writer)
    }

    /// What was decided and is not told, as where `insights` leaves its kind out, must hold after a power cut too.
    @Test func aCheckpointWithoutAnInsightIsCommitted() throws {
        let (sender, writer) = try make()
        sender.submit([], Checkpoint(stream: try StreamID("s"), part: "adapted", data: [1, 2, 3]))
        let saved = try writer.sync { try $0.loadCheckpoints().checkpoints }
        #expect(saved.map(\.data) == [[1, 2, 3]])
        writer.close()
    }

    @Test func whatWentForSpaceCountsAsLost() throws {
        let (sender, writer) = try make()
        var insight = Insight(
            id: "1", kind: .anomaly, phase: .point, node: node, stream: try StreamID("s"), ts: SystemTime.now())
        insight.detail = String(repeating: "x", count: 10_000)
        sender.submit([Insight](repeating: insight, count: 100))
        let report = try writer.sync { store in
            defer { sender.note(store) }
            return try store.enforceRetention(now: SystemTime.now(), maxAge: .max, maxBytes: 500_000)
        }
        #expect(report.droppedUnacknowledged > 0)
        #expect(sender.lostCount == UInt64(report.droppedUnacknowledged))
        writer.close()
    }

    @Test func damageThatStaysIsToldUntilACommitSucceeds() throws {
        let (sender, writer) = try make()
        func fail(_ reason: StoreError.Reason, times: Int) {
            for _ in 0..<times { sender.commitFailed(StoreError(reason, "it failed", path: "sedge.db"), 0, [], at: 0) }
        }
        fail(.diskFull, times: 20)
        fail(.damaged, times: 59)
        #expect(!sender.isDamaged)
        fail(.damaged, times: 1)
        #expect(sender.isDamaged)
        let insight = Insight(
            id: "1", kind: .anomaly, phase: .point, node: node, stream: try StreamID("s"), ts: SystemTime.now())
        sender.submit([insight])
        sender.finish()
        #expect(!sender.isDamaged)
        writer.close()
    }
}
