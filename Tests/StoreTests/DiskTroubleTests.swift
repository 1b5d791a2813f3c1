import SedgeCore
import Testing

@testable import Store

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

struct DiskTroubleTests {
    let fixture = StoreFixture()

    private func integrity(_ store: Store) throws -> String {
        let statement = try store.connection.prepare("PRAGMA integrity_check")
        return try statement.step() ? statement.text(0) : ""
    }

    @Test func aFullDiskIsAnErrorAndNothingIsHalfDone() throws {
        let store = try fixture.open().store
        _ = try store.commit(StoreFixture.insights(0..<10), connected: true)
        let pages = try store.connection.integer("PRAGMA page_count")
        try store.connection.execute("PRAGMA max_page_count = \(pages + 4)")
        let error = #expect(throws: StoreError.self) {
            _ = try store.commit(StoreFixture.insights(10..<100, padding: 2000), connected: true)
        }
        #expect(error?.reason == .diskFull)
        #expect(error?.path == fixture.path)
        #expect(error?.code == 13)
        #expect(error?.message.contains("full") == true)
        #expect(store.lastSeq == 10)
        #expect(store.pendingCount == 10)
        #expect(try store.pending(after: 0, limit: 1000).count == 10)
        #expect(try integrity(store) == "ok")
        #expect(!fixture.names.contains("sedge.db.floor.new"))
        #expect(try FloorFile(database: fixture.path).load() == .floor(Floor(node: "gw-7", seq: 10)))
        let checkpoint = Checkpoint(
            stream: try StreamID("a"), part: "lanes", data: [UInt8](repeating: 7, count: 500_000))
        #expect(throws: StoreError.self) { try store.saveCheckpoints([checkpoint], at: fixture.now) }

        try store.connection.execute("PRAGMA max_page_count = 1000000")
        #expect(try store.commit([StoreFixture.insight(1)], connected: true).map(\.seq) == [11])
        #expect(try store.saveCheckpoints([checkpoint], at: fixture.now) == .saved(written: 1, unchanged: 0))
    }

    @Test func aReadOnlyDatabaseIsAnError() throws {
        let store = try fixture.open().store
        _ = try store.commit([StoreFixture.insight(0)], connected: true)
        try store.connection.execute("PRAGMA query_only = ON")
        let error = #expect(throws: StoreError.self) {
            _ = try store.commit([StoreFixture.insight(1)], connected: true)
        }
        #expect(error?.reason == .readOnly)
        #expect(store.lastSeq == 1)
        // Acknowledgements stay noted until they can be written.
        try store.acknowledge([1])
        #expect(throws: StoreError.self) { try store.flushAcknowledgements() }
        #expect(store.pendingCount == 0)
        try store.connection.execute("PRAGMA query_only = OFF")
        try store.flushAcknowledgements()
        #expect(try store.connection.integer("SELECT count(*) FROM outbox") == 0)
    }

    @Test func aSideFileThatCanNotBeWrittenStopsTheCommit() throws {
        let store = try fixture.open().store
        let blocker = "\(fixture.path).floor.new"
        #expect(mkdir(blocker, 0o700) == 0)
        let error = #expect(throws: StoreError.self) {
            _ = try store.commit([StoreFixture.insight(1)], connected: true)
        }
        #expect(error?.path == blocker)
        #expect(store.lastSeq == 0)
        #expect(try store.connection.integer("SELECT count(*) FROM insights") == 0)
        rmdir(blocker)
        #expect(try store.commit([StoreFixture.insight(1)], connected: true).map(\.seq) == [1])
    }

    @Test func nothingIsHandedOutWhileTheSideFileIsBehind() throws {
        let store = try fixture.open().store
        let floor = "\(fixture.path).floor"
        unlink(floor)
        #expect(mkdir(floor, 0o700) == 0)
        let error = #expect(throws: StoreError.self) {
            _ = try store.commit([StoreFixture.insight(1)], connected: true)
        }
        #expect(error?.reason == .floorBehind)
        #expect(store.lastSeq == 1)
        #expect(throws: StoreError.self) { _ = try store.pending(after: 0, limit: 10) }
        rmdir(floor)
        #expect(try store.pending(after: 0, limit: 10).map(\.seq) == [1])
        #expect(try store.commit([StoreFixture.insight(2)], connected: true).map(\.seq) == [2])
    }
}
