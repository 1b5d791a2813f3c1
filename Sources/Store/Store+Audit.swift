import SedgeCore

/// The audit log.
extension Store {
    /// Rows that are kept, of what was accepted and of what was refused: neither crowds the other out.
    static let auditsKept = 5_000
    /// Inserted rows after which it is looked whether there are too many.
    private static let auditsBetweenFolds: Int64 = 64

    package func appendAudit(_ entry: AuditEntry) throws(StoreError) { _ = try saveAudits([(nil, entry)]) }

    /// Writes entries, all or none, and those that have a row already over it: their time and count.
    /// Returns the rows.
    package func saveAudits(_ entries: [(row: Int64?, entry: AuditEntry)]) throws(StoreError) -> [Int64] {
        try write { () throws(StoreError) -> [Int64] in
            var rows: [Int64] = []
            for (row, entry) in entries {
                if let row, try update(row, entry) {
                    rows.append(row)
                } else {
                    let new = try insert(entry)
                    rows.append(new)
                    if new % Self.auditsBetweenFolds == 0 { try foldOldAudits() }
                }
            }
            return rows
        }
    }

    /// The latest, newest first.
    package func audit(limit: Int) throws(StoreError) -> [AuditEntry] { try Self.audit(connection, limit) }

    /// The same of a database that an agent may have open; nothing is written to it.
    package static func audit(at path: String, limit: Int) throws(StoreError) -> [AuditEntry] {
        guard try FileSystem.exists(path) else { throw StoreError(.failed, "there is no database", path: path) }
        // A writer at work has a log beside the database; without one the file alone is enough.
        let mode: SQLiteConnection.Mode = try FileSystem.size("\(path)-wal") > 0 ? .readOnly : .immutable
        return try audit(SQLiteConnection(path: path, mode: mode), limit)
    }

    private static func audit(
        _ connection: borrowing SQLiteConnection, _ limit: Int
    ) throws(StoreError) -> [AuditEntry] {
        let statement = try connection.prepare(
            """
            SELECT at, subject, target, version, digest, key, accepted, reason, count, since
            FROM audit ORDER BY id DESC LIMIT ?1
            """)
        try statement.bind(Int64(limit), at: 1)
        var result: [AuditEntry] = []
        while try statement.step() {
            let (version, since) = (statement.integer(3), statement.integer(9))
            let (digest, key) = (statement.text(4), statement.text(5))
            result.append(
                AuditEntry(
                    at: Timestamp(microseconds: statement.integer(0)), subject: statement.text(1),
                    target: statement.text(2), version: version == 0 ? nil : version,
                    digest: digest.isEmpty ? nil : digest, key: key.isEmpty ? nil : key,
                    accepted: statement.integer(6) != 0, reason: statement.text(7), count: statement.integer(8),
                    since: since == 0 ? nil : Timestamp(microseconds: since)))
        }
        return result
    }

    // MARK: Inside a transaction

    private func insert(_ entry: AuditEntry) throws(StoreError) -> Int64 {
        let statement = try connection.prepare(
            """
            INSERT INTO audit (at, subject, target, version, digest, key, accepted, reason, count, since)
            VALUES (?1, ?2, ?3, nullif(?4, 0), nullif(?5, ''), nullif(?6, ''), ?7, ?8, ?9, nullif(?10, 0))
            """)
        try statement.bind(entry.at.microseconds, at: 1)
        try statement.bind(entry.subject, at: 2)
        try statement.bind(entry.target, at: 3)
        try statement.bind(entry.version ?? 0, at: 4)
        try statement.bind(entry.digest ?? "", at: 5)
        try statement.bind(entry.key ?? "", at: 6)
        try statement.bind(entry.accepted ? 1 : 0, at: 7)
        try statement.bind(entry.reason, at: 8)
        try statement.bind(entry.count, at: 9)
        try statement.bind(entry.since?.microseconds ?? 0, at: 10)
        try statement.run()
        return try connection.integer("SELECT last_insert_rowid()")
    }

    /// False: the row is not there any more.
    private func update(_ row: Int64, _ entry: AuditEntry) throws(StoreError) -> Bool {
        let statement = try connection.prepare("UPDATE audit SET at = ?2, count = ?3, since = ?4 WHERE id = ?1")
        try statement.bind(row, at: 1)
        try statement.bind(entry.at.microseconds, at: 2)
        try statement.bind(entry.count, at: 3)
        try statement.bind((entry.since ?? entry.at).microseconds, at: 4)
        try statement.run()
        return try connection.integer("SELECT changes()") > 0
    }

    /// The oldest rows become one that says how many messages they stood for, so the sums stay true.
    private func foldOldAudits() throws(StoreError) {
        for accepted in [0, 1] {
            let newest = try connection.integer(
                """
                SELECT coalesce((SELECT id FROM audit WHERE accepted = \(accepted)
                ORDER BY id DESC LIMIT 1 OFFSET \(Self.auditsKept)), 0)
                """)
            guard newest > 0 else { continue }
            let old = "FROM audit WHERE accepted = \(accepted) AND id <= \(newest)"
            // The first of them stands for all.
            try connection.execute(
                """
                UPDATE audit SET at = (SELECT max(at) \(old)), since = (SELECT min(coalesce(since, at)) \(old)),
                    count = (SELECT sum(count) \(old)), subject = 'any', target = 'any', version = NULL,
                    digest = NULL, key = NULL, reason = 'older entries, not told apart any more'
                WHERE id = (SELECT min(id) \(old));
                DELETE FROM audit WHERE accepted = \(accepted) AND id <= \(newest)
                    AND id > (SELECT min(id) \(old));
                """)
        }
    }
}
