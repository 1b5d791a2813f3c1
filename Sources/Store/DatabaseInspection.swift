/// What lies at a database's path. Looked at without changing a byte of it, save that an interrupted write is undone.
enum DatabaseInspection: Equatable {
    case absent
    /// One of ours, of this schema version; 0 is an empty one.
    case sound(version: Int)
    case damaged(reason: String)

    /// "SEDG": marks our databases among SQLite's.
    static let applicationID: Int64 = 0x5345_4447

    /// Throws when the file can not be read, when it is somebody else's, and when its schema is too new.
    init(path: String, newest: Int) throws(StoreError) {
        guard let header = try FileSystem.read(path, atMost: 100) else {
            self = .absent
            return
        }
        // The header alone is enough for most refusals and needs no SQLite, which may leave a -shm behind.
        if header.count == 100, header.starts(with: Array("SQLite format 3\0".utf8)) {
            try Self.checkVersion(Self.bigEndian(header, at: 60), newest: newest, path: path)
        }
        do throws(StoreError) {
            let connection = try SQLiteConnection(path: path, mode: Self.mode(path))
            let version = Int(try connection.integer("PRAGMA user_version"))
            try Self.checkVersion(version, newest: newest, path: path)
            let statement = try connection.prepare("PRAGMA quick_check(1)")
            let finding = try statement.step() ? statement.text(0) : "no answer"
            guard finding == "ok" else {
                self = .damaged(reason: "quick_check: \(finding)")
                return
            }
            let marker = try connection.integer("PRAGMA application_id")
            let tables = try connection.integer("SELECT count(*) FROM sqlite_schema")
            // A power cut can leave a database that was just created and has nothing in it yet.
            if version == 0, tables == 0 {
                self = .sound(version: 0)
                return
            }
            guard marker == Self.applicationID else {
                let message = "not one of this agent's databases: expected application id \(Self.applicationID)"
                throw StoreError(.foreign, "\(message), found \(marker); nothing was changed", path: path)
            }
            guard version > 0 else {
                self = .damaged(reason: "its schema version is \(version), expected 1 to \(newest)")
                return
            }
            // SQLite's pages carry no checksum. Numbers beyond 2^53 are not exact in JSON.
            let seq = try connection.integer("SELECT max(seq) FROM insights")
            guard seq < 1 << 53 else {
                self = .damaged(reason: "its highest seq is \(seq), expected less than 2^53")
                return
            }
            self = .sound(version: version)
        } catch {
            guard error.reason == .damaged else { throw error }
            self = .damaged(reason: error.message)
        }
    }

    private static func mode(_ path: String) throws(StoreError) -> SQLiteConnection.Mode {
        // A power cut in the very first write leaves a rollback journal, which only a writer can play back.
        if try FileSystem.size("\(path)-journal") > 0 { return .readWrite }
        return try FileSystem.size("\(path)-wal") > 0 ? .readOnly : .immutable
    }

    private static func checkVersion(_ version: Int, newest: Int, path: String) throws(StoreError) {
        guard version > newest else { return }
        let message = "the database has schema \(version), this program knows up to \(newest)"
        throw StoreError(
            .newerSchema(found: version, supported: newest),
            "\(message): install the newer program again or give another path; nothing was changed", path: path)
    }

    private static func bigEndian(_ bytes: [UInt8], at offset: Int) -> Int {
        Int(Int32(truncatingIfNeeded: bytes[offset..<(offset + 4)].reduce(0) { $0 << 8 | Int($1) }))
    }
}
