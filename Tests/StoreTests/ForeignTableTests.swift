import TestSupport
import Testing

@testable import Store

struct ForeignTableTests {
    private let folder = TemporaryFolder()

    private func database(_ sql: String) throws -> String {
        let path = folder.file("plant.db")
        let connection = try SQLiteConnection(path: path, mode: .readWrite)
        try connection.execute(sql)
        return path
    }

    @Test func cellsKeepTheirTypes() throws {
        let path = try database(
            """
            CREATE TABLE "odd ""name" (ts TEXT, value REAL, raw BLOB);
            INSERT INTO "odd ""name" VALUES ('2026-01-01', 1.5, x'00'), (NULL, 2, NULL);
            """)
        #expect(try ForeignTable.names(in: path) == ["odd \"name"])
        let table = try ForeignTable(path: path, table: "odd \"name")
        #expect(table.columns == ["ts", "value", "raw"])
        #expect(table.cells == [[.text("2026-01-01"), .missing], [.number(1.5), .number(2)], [.missing, .missing]])
    }

    @Test func whatIsNoDatabaseIsRefused() throws {
        let path = try folder.write("fake.db", "SQLite format 3\0 and then nothing of the kind")
        #expect(throws: StoreError.self) { try ForeignTable.names(in: path) }
        #expect(throws: StoreError.self) { try ForeignTable.names(in: folder.file("absent.db")) }
    }

    @Test func readingChangesNothing() throws {
        let path = try database("CREATE TABLE a (x); INSERT INTO a VALUES (1);")
        let before = try TestFile.read(path)
        _ = try ForeignTable(path: path, table: "a")
        #expect(try TestFile.read(path) == before)
    }
}
