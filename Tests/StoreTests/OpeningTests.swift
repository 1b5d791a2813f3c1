import SedgeCore
import Testing

@testable import Store

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

struct OpeningTests {
    let fixture = StoreFixture()

    @Test func beginsANewDatabaseAndFindsItAgain() throws {
        let first = try fixture.open()
        #expect(first.report == .fresh)
        #expect(first.warnings.isEmpty)
        #expect(try first.store.connection.integer("PRAGMA user_version") == Int64(SchemaMigrator.sedge.newest))
        try first.store.close()

        let second = try fixture.open()
        #expect(second.report == .existing)
        #expect(second.warnings.isEmpty)
    }

    @Test func usesTheSettingsThatPowerCutsAndFlashNeed() throws {
        let store = try fixture.open().store
        let mode = try store.connection.prepare("PRAGMA journal_mode")
        #expect(try mode.step())
        #expect(mode.text(0) == "wal")
        #expect(try store.connection.integer("PRAGMA synchronous") == 2)
        #expect(try store.connection.integer("PRAGMA auto_vacuum") == 2)
        #expect(try store.connection.integer("PRAGMA busy_timeout") == 5000)
        #expect(try store.connection.integer("PRAGMA wal_autocheckpoint") == 0)
    }

    @Test func refusesASecondOpening() throws {
        let first = try fixture.open()
        let error = #expect(throws: StoreError.self) { _ = try fixture.open() }
        #expect(error?.reason == .locked)
        #expect(error?.path == fixture.path)
        try first.store.close()
        #expect(try fixture.open().report == .existing)
    }

    @Test func leavesOnlyDatabaseSideFileAndLockAfterAClose() throws {
        try fixture.open().store.close()
        #expect(fixture.names == ["sedge.db", "sedge.db.floor", "sedge.db.lock"])
    }

    @Test func everyCallAfterCloseSaysClosed() throws {
        let store = try fixture.open().store
        try store.close()
        #expect(throws: StoreError.self) { try store.commit([StoreFixture.insight(1)], connected: true) }
        let error = #expect(throws: StoreError.self) { try store.streams() }
        #expect(error?.reason == .closed)
        #expect(store.lastSeq == 0)
    }

    @Test func isForItsOwnerAndGroupAlone() throws {
        let store = try fixture.open().store
        _ = try store.commit([StoreFixture.insight(1)], connected: true)
        for suffix in ["", "-wal", "-shm", ".floor", ".lock"] {
            var status = stat()
            #expect(stat(fixture.path + suffix, &status) == 0)
            #expect(status.st_mode & 0o027 == 0, "\(suffix)")
        }
    }

    @Test func takesAnEmptyFileForAFreshDatabase() throws {
        try fixture.write([])
        #expect(try fixture.open().report == .fresh)
    }

    /// With and without a log: the newer version may stand in the header or only in the WAL.
    @Test(arguments: [true, false]) func refusesANewerSchemaAndLeavesItAsItIs(isInLog: Bool) throws {
        let store = try fixture.open().store
        _ = try store.commit(StoreFixture.insights(0..<3), connected: true)
        #expect(try store.checkpointLog(truncate: true))
        try store.connection.execute("PRAGMA user_version = 700")
        if !isInLog { #expect(try store.checkpointLog(truncate: true)) }
        let files = try ["", "-wal", ".floor"].map { try fixture.bytes($0) }
        let copy = StoreFixture()
        for (suffix, bytes) in zip(["", "-wal", ".floor"], files) { try copy.write(#require(bytes), suffix) }

        let error = #expect(throws: StoreError.self) { _ = try copy.open() }
        #expect(error?.reason == .newerSchema(found: 700, supported: SchemaMigrator.sedge.newest))
        #expect(error?.message.contains("has schema 700, this program knows up to") == true)
        #expect(try ["", "-wal", ".floor"].map { try copy.bytes($0) } == files)
        if !isInLog { #expect(!copy.names.contains("sedge.db-shm")) }
    }

    @Test func refusesSomebodyElsesDatabase() throws {
        do {
            let other = try SQLiteConnection(path: fixture.path, mode: .readWrite)
            try other.execute("CREATE TABLE recipes (name TEXT); PRAGMA user_version = 1")
        }
        let before = try fixture.bytes()
        let error = #expect(throws: StoreError.self) { _ = try fixture.open() }
        #expect(error?.reason == .foreign)
        #expect(try fixture.bytes() == before)
    }

    @Test func namesAFolderThatIsNotThere() throws {
        let error = #expect(throws: StoreError.self) {
            _ = try Store.open(at: "\(fixture.folder)/none/sedge.db", options: fixture.options(), now: fixture.now)
        }
        #expect(error?.reason == .failed)
        #expect(error?.description.contains("none/sedge.db.lock") == true)
        #expect(error?.description.contains("No such file or directory") == true)
    }

    @Test func opensAPathWithCharactersThatUrisEscape() throws {
        let path = "\(fixture.folder)/a b%20?#ü.db"
        try Store.open(at: path, options: fixture.options(), now: fixture.now).store.close()
        #expect(try Store.open(at: path, options: fixture.options(), now: fixture.now).report == .existing)
    }
}
