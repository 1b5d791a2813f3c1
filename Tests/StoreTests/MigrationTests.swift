import Testing

@testable import Store

/// Invented steps after the real first one, run by the same engine.
struct MigrationTests {
    let fixture = StoreFixture()

    private static let second = Migration(
        version: 2, sql: "CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT")
    private static let third = Migration(
        version: 3, sql: "ALTER TABLE notes ADD COLUMN author TEXT; INSERT INTO notes VALUES (1, 'moved', 'm3')")
    private static let steps = [Migration.version1, second, third]

    @Test(arguments: [1, 2]) func migratesFromEveryEarlierVersion(version: Int) throws {
        let old = try fixture.open(migrator: SchemaMigrator(Array(Self.steps[..<version])))
        _ = try old.store.commit(StoreFixture.insights(0..<5), connected: false)
        try old.store.close()

        let opened = try fixture.open(migrator: SchemaMigrator(Self.steps))
        #expect(opened.report == .migrated(from: version))
        #expect(opened.warnings.isEmpty)
        #expect(try opened.store.pending(after: 0, limit: 10).map(\.seq) == [1, 2, 3, 4, 5])
        #expect(try opened.store.connection.integer("SELECT count(*) FROM notes WHERE author = 'm3'") == 1)
        #expect(try opened.store.connection.integer("PRAGMA user_version") == 3)
    }

    /// The real steps, from every schema that was ever released.
    @Test(arguments: 1..<SchemaMigrator.sedge.newest) func insightsSurviveTheRealSteps(version: Int) throws {
        let old = try fixture.open(migrator: SchemaMigrator(Array(SchemaMigrator.sedge.migrations[..<version])))
        _ = try old.store.commit(StoreFixture.insights(0..<5), connected: false)
        try old.store.close()
        let opened = try fixture.open()
        #expect(opened.report == .migrated(from: version))
        #expect(try opened.store.pending(after: 0, limit: 10).map(\.seq) == [1, 2, 3, 4, 5])
        for kind in StoredRollout.Kind.allCases { #expect(try opened.store.rollouts(kind).isEmpty) }
        #expect(try opened.store.audit(limit: 1).isEmpty)
    }

    @Test func reachesTheSameSchemaOnEveryWay() throws {
        func schema(_ store: Store) throws -> String {
            let statement = try store.connection.prepare(
                "SELECT group_concat(sql, ';') FROM sqlite_schema ORDER BY name")
            return try statement.step() ? statement.text(0) : ""
        }
        let direct = StoreFixture()
        let expected = try schema(direct.open(migrator: SchemaMigrator(Self.steps)).store)
        for count in 1...3 { try fixture.open(migrator: SchemaMigrator(Array(Self.steps[..<count]))).store.close() }
        #expect(try schema(fixture.open(migrator: SchemaMigrator(Self.steps)).store) == expected)
        #expect(expected.contains("notes"))
    }

    @Test func rollsAFailingMigrationBackWhole() throws {
        try fixture.open(migrator: SchemaMigrator([.version1])).store.close()
        let failing = Migration(version: 3, sql: "CREATE TABLE more (id INTEGER); INSERT INTO absent VALUES (1)")
        let error = #expect(throws: StoreError.self) {
            _ = try fixture.open(migrator: SchemaMigrator([.version1, Self.second, failing]))
        }
        #expect(error?.reason == .migration(to: 3))
        #expect(error?.message.contains("no such table: absent") == true)

        // Version 2, which would have worked, is undone too: the program before still opens it.
        let store = try fixture.open(migrator: SchemaMigrator([.version1])).store
        #expect(try store.connection.integer("PRAGMA user_version") == 1)
        #expect(
            try store.connection.integer("SELECT count(*) FROM sqlite_schema WHERE name IN ('notes', 'more')") == 0)
    }
}
