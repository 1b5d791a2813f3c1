/// One numbered step of the schema. Steps are never changed once released; a new one is added.
struct Migration: Sendable {
    /// The schema's version afterwards: `PRAGMA user_version`.
    let version: Int
    let sql: String
}

/// Brings a database to the newest schema.
struct SchemaMigrator: Sendable {
    /// In order, versions 1, 2, 3, …
    let migrations: [Migration]

    init(_ migrations: [Migration]) {
        precondition(
            migrations.map(\.version) == Array(1..<(migrations.count + 1)),
            "migrations are numbered from 1 without gaps")
        self.migrations = migrations
    }

    var newest: Int { migrations.count }

    /// Runs what is missing in one transaction: a failure leaves the schema as it was, usable by the program before.
    func migrate(_ connection: borrowing SQLiteConnection, from version: Int) throws(StoreError) {
        guard version < newest else { return }
        try connection.execute("BEGIN IMMEDIATE")
        for migration in migrations[version...] {
            do throws(StoreError) {
                try connection.execute(migration.sql)
                try connection.execute("PRAGMA user_version = \(migration.version)")
            } catch {
                try? connection.execute("ROLLBACK")
                throw failure(error, to: migration.version)
            }
        }
        do throws(StoreError) {
            try connection.execute("COMMIT")
        } catch {
            try? connection.execute("ROLLBACK")
            throw failure(error, to: newest)
        }
    }

    private func failure(_ error: StoreError, to version: Int) -> StoreError {
        // A full or read-only disk is not the migration's fault and keeps its own reason.
        guard error.reason == .failed else { return error }
        let message = "migration to schema \(version) failed, nothing was changed: \(error.message)"
        return StoreError(.migration(to: version), code: error.code, message, path: error.path)
    }
}
