import SedgeCore
import Testing

@testable import Store

struct RetentionTests {
    let fixture = StoreFixture()
    private static let day: Int64 = 86_400_000_000

    @Test func deletesAcknowledgedInsightsByAge() throws {
        let store = try fixture.open().store
        let start = fixture.now
        for number in 0..<10 {
            fixture.now = start + Int64(number) * Self.day
            _ = try store.commit([StoreFixture.insight(number)], connected: true)
        }
        // 2 was never acknowledged: it has no age.
        try store.acknowledge([1, 3, 4, 5, 6, 7, 8, 9, 10])
        let report = try store.enforceRetention(
            now: start + 9 * Self.day, maxAge: 4 * Self.day, maxBytes: 1 << 30)
        #expect(report.deletedByAge == 4)
        #expect(report.deletedBySize == 0)
        #expect(report.droppedUnacknowledged == 0)
        #expect(try seqs(store) == [2, 6, 7, 8, 9, 10])
    }

    @Test func shrinksTheFileToItsLimitOldestFirst() throws {
        let store = try fixture.open().store
        let limit: Int64 = 1 << 20
        for batch in 0..<20 {
            _ = try store.commit(StoreFixture.insights(batch * 100..<batch * 100 + 100, padding: 1000), connected: true)
        }
        try store.acknowledge(Array(1...2000))
        let report = try store.enforceRetention(now: fixture.now, maxAge: 30 * Self.day, maxBytes: limit)
        #expect(report.bytesBefore > 2_000_000)
        #expect(report.bytesAfter <= limit)
        #expect(report.deletedBySize > 1000)
        #expect(report.deletedByAge == 0)
        #expect(report.droppedUnacknowledged == 0)
        #expect(try FileSystem.size(fixture.path) == report.bytesAfter)
        let kept = try seqs(store)
        #expect(kept == Array(Int64(2001 - kept.count)...2000))
        #expect(try store.droppedTotal() == 0)
        #expect(
            try store.connection.integer("SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'")
                == 1)

        // Nothing left to do the next time.
        let written = store.flashBytesWritten
        #expect(try store.enforceRetention(now: fixture.now, maxAge: 30 * Self.day, maxBytes: limit).deletedBySize == 0)
        #expect(store.flashBytesWritten == written)
    }

    @Test func dropsTheUnacknowledgedLastAndCountsThem() throws {
        let store = try fixture.open().store
        _ = try store.commit(StoreFixture.insights(0..<1000, padding: 1000), connected: false)
        try store.acknowledge(Array(600...1000))
        let limit: Int64 = 400_000
        let report = try store.enforceRetention(now: fixture.now, maxAge: 30 * Self.day, maxBytes: limit)
        #expect(report.deletedBySize == 401)
        #expect(report.droppedUnacknowledged > 100)
        #expect(report.bytesAfter <= limit)
        let dropped = report.droppedUnacknowledged
        #expect(store.pendingCount == 599 - dropped && store.dropped == dropped)
        let waiting = try store.pending(after: 0, limit: 1000).map(\.seq)
        #expect(waiting == Array(Int64(dropped + 1)...599))
        try store.close()
        let again = try fixture.open().store
        #expect(try again.droppedTotal() == Int64(dropped))
        #expect(again.pendingCount == 599 - dropped)
        #expect(again.lastSeq == 1000)
    }

    @Test func keepsTheUndeliveredWhereWhatWasLearnedIsTooLargeByItself() throws {
        let store = try fixture.open().store
        let checkpoint = Checkpoint(
            stream: try StreamID("a"), part: "lanes", data: [UInt8](repeating: 7, count: 5_000_000))
        _ = try store.saveCheckpoints([checkpoint], at: fixture.now)
        _ = try store.commit(StoreFixture.insights(0..<50, padding: 10_000), connected: true)
        let report = try store.enforceRetention(now: fixture.now, maxAge: 30 * Self.day, maxBytes: 1_000_000)
        #expect(report.isBelowLearned && report.droppedUnacknowledged == 0)
        #expect(store.pendingCount == 50)
        #expect(report.bytesAfter > 5_000_000)
        #expect(try store.loadCheckpoints().checkpoints == [checkpoint])

        // They do not grow without end for it.
        _ = try store.commit(StoreFixture.insights(50..<200, padding: 10_000), connected: true)
        let second = try store.enforceRetention(now: fixture.now, maxAge: 30 * Self.day, maxBytes: 1_000_000)
        #expect(second.isBelowLearned && second.droppedUnacknowledged > 0 && store.pendingCount > 0)
        #expect(second.bytesAfter <= 6_000_000)
        #expect(try store.loadCheckpoints().checkpoints == [checkpoint])
    }

    @Test func waitsWhenTheFlashBudgetIsSpentUnlessFarTooLarge() throws {
        let store = try fixture.open { $0.flashBudgetPerDay = 100_000 }.store
        _ = try store.commit(StoreFixture.insights(0..<200, padding: 1000), connected: true)
        try store.acknowledge(Array(1...200))
        let size = try store.databaseBytes()
        let waiting = try store.enforceRetention(now: fixture.now, maxAge: 30 * Self.day, maxBytes: size - 4096)
        #expect(waiting.isDeferred)
        #expect(waiting.deletedBySize == 0)
        #expect(try seqs(store).count == 200)
        let forced = try store.enforceRetention(now: fixture.now, maxAge: 30 * Self.day, maxBytes: size / 2)
        #expect(!forced.isDeferred)
        #expect(forced.deletedBySize > 0)
    }

    private func seqs(_ store: Store) throws -> [Int64] {
        let statement = try store.connection.prepare("SELECT seq FROM insights ORDER BY seq")
        var result: [Int64] = []
        while try statement.step() { result.append(statement.integer(0)) }
        return result
    }
}
