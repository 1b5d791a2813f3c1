import SedgeCore
import Synchronization
import Testing

@testable import Store

/// Power cuts, simulated: files are copied while a store writes, what was not synced yet is cut or scrambled, and
/// the copy is opened.
struct PowerCutTests {
    private func check(_ copy: StoreFixture, returned: Int64, _ comment: Comment) throws {
        let opened = try copy.open(boot: "after")
        #expect(opened.report == .existing || opened.report == .fresh, comment)
        let store = opened.store
        let statement = try store.connection.prepare("PRAGMA integrity_check")
        #expect(try statement.step())
        #expect(statement.text(0) == "ok", comment)
        let pending = try store.pending(after: 0, limit: .max).map(\.seq)
        #expect(pending == (pending.isEmpty ? [] : Array(1...Int64(pending.count))), comment)
        #expect(Int64(pending.count) >= returned, comment)
        #expect(store.lastSeq >= Int64(pending.count), comment)
        let next = try store.commit([StoreFixture.insight(0)], connected: true)
        #expect(next.map(\.seq) == [store.lastSeq], comment)
        #expect(store.lastSeq > returned, comment)
    }

    /// The log grows and is not copied meanwhile: whatever lies past its length at the cut was not promised to
    /// anybody, and is cut at random or filled with noise.
    @Test(arguments: [UInt64(11), 12, 13]) func aReturnedInsightIsNeverLost(seed: UInt64) throws {
        let fixture = StoreFixture()
        let opened = try Store.open(at: fixture.path, options: fixture.options(), now: fixture.now)
        let writer = StoreWriter(opened.store)
        let returned = Mutex<Int64>(0)
        for number in 0..<150 {
            writer.perform { store in
                let insights = StoreFixture.insights(number..<number + 1 + number % 3, padding: number * 37 % 3000)
                if let last = try? store.commit(insights, connected: true).last {
                    returned.withLock { $0 = last.seq }
                }
            }
        }
        var random = SeededRandom(seed: seed)
        var cuts = 0
        while writer.queueDepth > 0 || cuts < 5 {
            let promised = returned.withLock { $0 }
            let length = Int(try FileSystem.size("\(fixture.path)-wal"))
            let floor = try fixture.bytes(".floor")
            let database = try #require(try fixture.bytes())
            var log = try fixture.bytes("-wal") ?? []
            if log.count > length {
                if Bool.random(using: &random) {
                    log.removeLast(Int.random(in: 0...(log.count - length), using: &random))
                } else {
                    for index in length..<log.count where Bool.random(using: &random) {
                        log[index] = UInt8.random(in: 0...255, using: &random)
                    }
                }
            } else if Bool.random(using: &random) {
                log += (0..<Int.random(in: 0..<9000, using: &random)).map { UInt8(truncatingIfNeeded: $0) }
            }
            let copy = StoreFixture()
            try copy.write(database)
            try copy.write(log, "-wal")
            if let floor { try copy.write(floor, ".floor") }
            try check(copy, returned: promised, "seed \(seed), cut \(cuts), promised \(promised)")
            // The side file alone knows them too.
            let bare = StoreFixture()
            if let floor { try bare.write(floor, ".floor") }
            #expect(try bare.open().store.lastSeq >= promised)
            cuts += 1
        }
        #expect(writer.close() == nil)
        #expect(try fixture.open().store.lastSeq == 300)
    }

    /// While the log is copied, any subset of the database's pages may have reached the disk.
    @Test(arguments: [UInt64(21), 22, 23]) func aCutWhileTheLogIsCopiedLosesNothing(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let fixture = StoreFixture()
        let store = try fixture.open { $0.logPages = .max }.store
        var count: Int64 = 0
        for round in 0..<8 {
            let size = Int.random(in: 1...30, using: &random)
            count += Int64(try store.commit(StoreFixture.insights(0..<size, padding: 900), connected: true).count)
            let before = try #require(try fixture.bytes())
            let log = try #require(try fixture.bytes("-wal"))
            let floor = try #require(try fixture.bytes(".floor"))
            #expect(try store.checkpointLog(truncate: false))
            let after = try #require(try fixture.bytes())
            #expect(before != after)

            var torn = after
            for page in 0..<(after.count / 512) where Bool.random(using: &random) {
                for index in page * 512..<page * 512 + 512 { torn[index] = index < before.count ? before[index] : 0 }
            }
            let copy = StoreFixture()
            try copy.write(torn)
            try copy.write(log, "-wal")
            try copy.write(floor, ".floor")
            try check(copy, returned: count, "seed \(seed), round \(round)")
        }
    }

    /// Cut at every step of a commit: temporary side file written, database committed, side file not renamed yet.
    @Test func aCutBetweenTheTwoFilesIsHarmless() throws {
        let fixture = StoreFixture()
        let store = try fixture.open().store
        _ = try store.commit(StoreFixture.insights(0..<3), connected: true)
        let floor = try #require(try fixture.bytes(".floor"))
        let earlier = (database: try #require(try fixture.bytes()), log: try #require(try fixture.bytes("-wal")))
        _ = try store.commit([StoreFixture.insight(3)], connected: true)
        let newFloor = try #require(try fixture.bytes(".floor"))

        let staged = StoreFixture()
        try staged.write(earlier.database)
        try staged.write(earlier.log, "-wal")
        try staged.write(floor, ".floor")
        try staged.write(newFloor, ".floor.new")
        #expect(try staged.open().store.lastSeq == 3)

        let committed = StoreFixture()
        try committed.write(#require(try fixture.bytes()))
        try committed.write(#require(try fixture.bytes("-wal")), "-wal")
        try committed.write(floor, ".floor")
        try committed.write(newFloor, ".floor.new")
        let opened = try committed.open()
        #expect(opened.store.lastSeq == 4)
        #expect(opened.warnings.isEmpty)
        #expect(try committed.bytes(".floor") == newFloor)
    }

    /// A database that is not in WAL mode yet, as at its very first write, has a rollback journal instead.
    @Test func anInterruptedRollbackJournalIsPlayedBack() throws {
        let fixture = StoreFixture()
        let store = try fixture.open().store
        _ = try store.commit(StoreFixture.insights(0..<50, padding: 500), connected: true)
        try store.close()
        let plain = try SQLiteConnection(path: fixture.path, mode: .readWrite)
        // A cache of one page makes the transaction write to the database before it is committed.
        try plain.execute("PRAGMA journal_mode = DELETE; PRAGMA cache_size = 1; PRAGMA cache_spill = 1; BEGIN")
        try plain.execute("UPDATE insights SET payload = zeroblob(2000)")
        let copy = StoreFixture()
        let journal = try #require(try fixture.bytes("-journal"))
        #expect(journal.count > 4096)
        try copy.write(#require(try fixture.bytes()))
        try copy.write(journal, "-journal")
        try copy.write(#require(try fixture.bytes(".floor")), ".floor")
        try check(copy, returned: 50, "rollback journal")
    }
}
