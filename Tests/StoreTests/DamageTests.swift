import SedgeCore
import Testing

@testable import Store

struct DamageTests {
    let fixture = StoreFixture()

    @Test func movesAFileThatIsNoDatabaseAside() throws {
        let garbage = [UInt8](repeating: 0x55, count: 10_000)
        try fixture.write(garbage)
        try fixture.write([1, 2, 3], "-wal")
        let opened = try fixture.open()
        guard case .movedAside(let path, let reason) = opened.report else {
            Issue.record("\(opened.report)")
            return
        }
        #expect(path == "\(fixture.path).damaged-1700000000000")
        #expect(reason.contains("not a database"))
        #expect(try FileSystem.read(path, atMost: 20_000) == garbage)
        #expect(try FileSystem.read("\(path)-wal", atMost: 20) == [1, 2, 3])
        #expect(opened.warnings.count == 1)
        #expect(try opened.store.commit([StoreFixture.insight(1)], connected: true).map(\.seq) == [1])
    }

    @Test func movesADatabaseWithABrokenPageAsideAndCountsOn() throws {
        let store = try fixture.open().store
        _ = try store.commit(StoreFixture.insights(0..<200, padding: 500), connected: true)
        try store.close()
        var bytes = try #require(try fixture.bytes())
        // A page in the middle of the insights.
        let page = bytes.count / 4096 / 2
        for offset in 0..<64 { bytes[page * 4096 + offset] = 0xA5 }
        try fixture.write(bytes)

        let opened = try fixture.open(boot: "boot-2")
        guard case .movedAside(_, let reason) = opened.report else {
            Issue.record("\(opened.report)")
            return
        }
        #expect(reason.contains("quick_check"))
        #expect(opened.store.lastSeq == 200)
        #expect(opened.store.pendingCount == 0)
        #expect(try opened.store.commit([StoreFixture.insight(1)], connected: true).map(\.seq) == [201])
    }

    /// Whatever a flash returns, opening either works, or moves aside, or throws; it never crashes.
    @Test(arguments: [UInt64(1), 2, 3, 4]) func survivesAnyFlippedBytes(seed: UInt64) throws {
        let original = StoreFixture()
        let store = try original.open().store
        _ = try store.commit(StoreFixture.insights(0..<40, padding: 100), connected: true)
        #expect(try store.checkpointLog(truncate: true))
        _ = try store.commit(StoreFixture.insights(40..<60, padding: 100), connected: true)
        let database = try #require(try original.bytes())
        let log = try #require(try original.bytes("-wal"))
        let floor = try #require(try original.bytes(".floor"))

        var random = SeededRandom(seed: seed)
        for _ in 0..<40 {
            let copy = StoreFixture()
            var files = [database, log, floor]
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                let file = Int.random(in: 0..<3, using: &random)
                let index = Int.random(in: files[file].indices, using: &random)
                files[file][index] ^= UInt8.random(in: 1...255, using: &random)
            }
            for (suffix, bytes) in zip(["", "-wal", ".floor"], files) { try copy.write(bytes, suffix) }
            do {
                let opened = try copy.open()
                let last = opened.store.lastSeq
                _ = try? opened.store.pending(after: 0, limit: 100)
                _ = try? opened.store.loadCheckpoints()
                if let next = try? opened.store.commit([StoreFixture.insight(1)], connected: true) {
                    #expect(next.map(\.seq) == [last + 1])
                }
            } catch let error as StoreError {
                // A flipped header may look like that of a newer program or of somebody else.
                switch error.reason {
                case .newerSchema, .foreign: break
                default: #expect(error.code > 0, "\(error)")
                }
            }
        }
    }

    @Test(arguments: [
        "PRAGMA user_version = 0", "PRAGMA user_version = -3", "UPDATE insights SET seq = 9223372036854775807",
    ])
    func movesADatabaseWithImpossibleNumbersAside(sql: String) throws {
        let store = try fixture.open().store
        _ = try store.commit([StoreFixture.insight(1)], connected: true)
        try store.connection.execute(sql)
        try store.close()
        let opened = try fixture.open()
        guard case .movedAside = opened.report else {
            Issue.record("\(opened.report)")
            return
        }
        #expect(opened.store.lastSeq == 1)
    }

    @Test func dropsAndCountsAnInsightThatCanNotBeRead() throws {
        let store = try fixture.open().store
        _ = try store.commit(StoreFixture.insights(0..<5), connected: false)
        try store.connection.execute(
            """
            UPDATE insights SET kind = 'unknown' WHERE seq = 2;
            UPDATE insights SET stream = 'a/b' WHERE seq = 3;
            UPDATE insights SET payload = x'' WHERE seq = 4
            """)
        #expect(try store.pending(after: 0, limit: 10).map(\.seq) == [1, 5])
        #expect(store.pendingCount == 2)
        #expect(try store.droppedTotal() == 3)
        #expect(store.dropped == 3)
        #expect(store.maintenanceError?.message == "insights [2, 3, 4] can not be read and are dropped")
    }

    @Test func leavesOutAStreamThatCanNotBeRead() throws {
        let store = try fixture.open().store
        let good = StoredStream(id: try StreamID("a"), topic: "t", firstSeen: fixture.now, lastSeen: fixture.now)
        var bad = good
        bad.id = try StreamID("b")
        try store.upsertStreams([good, bad])
        try store.connection.execute("UPDATE streams SET retained_topics = '[' WHERE id = 'b'")
        #expect(try store.streams() == [good])
        #expect(store.maintenanceError?.reason == .damaged)
    }

    @Test func keepsTheThreeNewestDamagedDatabases() throws {
        for day in 0..<5 {
            fixture.remove("", "-wal", "-shm")
            try fixture.write([UInt8](repeating: UInt8(day), count: 5000))
            fixture.now = Timestamp(milliseconds: 1_000 * Int64(day + 1))
            try fixture.open().store.close()
        }
        let kept = fixture.names.filter { $0.contains("damaged") }
        #expect(kept == ["sedge.db.damaged-3000", "sedge.db.damaged-4000", "sedge.db.damaged-5000"])
    }

    /// As on a box without a battery.
    @Test func keepsTheCopyJustMadeThoughItsClockIsBehind() throws {
        for seconds in [5, 6, 7, 1] as [Int64] {
            fixture.remove("", "-wal", "-shm")
            try fixture.write([UInt8](repeating: 0x55, count: 5000))
            fixture.now = Timestamp(milliseconds: 1_000 * seconds)
            try fixture.open().store.close()
        }
        let kept = fixture.names.filter { $0.contains("damaged") }
        #expect(kept == ["sedge.db.damaged-1000", "sedge.db.damaged-6000", "sedge.db.damaged-7000"])
    }
}
