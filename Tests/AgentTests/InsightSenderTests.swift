import Logging
import Messaging
import SedgeCore
import TestSupport
import Testing

@testable import Agent
@testable import Store

@Suite struct InsightSenderTests {
    private let folder = TemporaryFolder()

    @Test func damageThatStaysIsToldUntilACommitSucceeds() throws {
        let node = try NodeID("n")
        let opened = try Store.open(
            at: folder.file("sedge.db"), options: StoreOptions(node: node, bootID: "b"), now: SystemTime.now())
        let writer = StoreWriter(opened.store)
        let sender = InsightSender(
            writer: writer, topics: Topics(node: node), backfillPerSecond: 10,
            log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        ) { _, _, _ in true }
        func fail(_ reason: StoreError.Reason, times: Int) {
            for _ in 0..<times { sender.report { throw StoreError(reason, "it failed", path: "sedge.db") } }
        }
        fail(.diskFull, times: 20)
        fail(.damaged, times: 9)
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
