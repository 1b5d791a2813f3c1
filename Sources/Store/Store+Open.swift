package import SedgeCore

extension Store {
    /// Opens the database, or begins one: takes the lock, looks without touching, moves a damaged file aside,
    /// brings the schema up to date.
    package static func open(
        at path: String, options: StoreOptions, now: Timestamp
    ) throws(StoreError) -> OpenedStore {
        try open(at: path, options: options, now: now, migrator: .sedge)
    }

    static func open(
        at path: String, options: StoreOptions, now: Timestamp, migrator: SchemaMigrator
    ) throws(StoreError) -> OpenedStore {
        let lock = try FileLock(for: path)
        var warnings: [String] = []
        let report: OpenReport
        var version = 0
        switch try DatabaseInspection(path: path, newest: migrator.newest) {
        case .absent:
            // SQLite would let everybody read it; its -wal and -shm get the same rights.
            try FileSystem.writeDurably([], to: path)
            report = .fresh
        case .sound(version: 0):
            report = .fresh
        case .sound(version: let found):
            report = found == migrator.newest ? .existing : .migrated(from: found)
            version = found
        case .damaged(let reason):
            let target = try DamagedDatabase.moveAside(path, now: now)
            try FileSystem.writeDurably([], to: path)
            warnings.append("the database is damaged (\(reason)); it now lies at \(target), a new one is begun")
            report = .movedAside(path: target, reason: reason)
        }

        let connection = try SQLiteConnection(path: path, mode: .readWrite)
        try configure(connection)
        try migrator.migrate(connection, from: version)
        let node = options.node.description
        let stored = try storedFloor(connection, node: node)
        let floorFile = FloorFile(database: path)
        let found = try floorFile.load()
        let floor = merge(stored, found, isFresh: version == 0, warnings: &warnings)
        let flash = try storedFlash(connection, options: options)
        let pending = Int(try connection.integer("SELECT count(*) FROM outbox JOIN insights USING (seq)"))

        let store = Store(
            connection: connection, lock: lock, options: options, floor: floor, pendingCount: pending, flash: flash)
        if found != .floor(floor) { try store.writeFloor() }
        store.countPages()
        return OpenedStore(store: store, report: report, warnings: warnings)
    }

    private static func configure(_ connection: borrowing SQLiteConnection) throws(StoreError) {
        // Page size and vacuum count for a new file alone, and must come before its first page is written.
        try connection.execute(
            """
            PRAGMA busy_timeout = 5000;
            PRAGMA page_size = \(pageSize);
            PRAGMA auto_vacuum = INCREMENTAL;
            PRAGMA journal_mode = WAL;
            PRAGMA synchronous = FULL;
            PRAGMA wal_autocheckpoint = 0;
            PRAGMA journal_size_limit = 8388608;
            PRAGMA temp_store = MEMORY;
            PRAGMA cache_size = -1024;
            """)
    }

    private static func storedFloor(
        _ connection: borrowing SQLiteConnection, node: String
    ) throws(StoreError) -> Floor {
        let rows = try connection.integer("SELECT max(seq) FROM insights")
        let floor = try connection.integer("SELECT value FROM meta WHERE key = '\(MetaKey.seqFloor)'")
        var result = Floor(node: node, seq: max(rows, floor))
        let prefix = MetaKey.acceptedPrefix
        let statement = try connection.prepare("SELECT key, value FROM meta WHERE key GLOB '\(prefix)*'")
        while try statement.step() {
            result.versions[String(statement.text(0).dropFirst(prefix.count))] = statement.integer(1)
        }
        return result
    }

    /// The higher of database and side file; what differs without a harmless reason is told.
    private static func merge(
        _ stored: Floor, _ found: FloorFile.Content, isFresh: Bool, warnings: inout [String]
    ) -> Floor {
        switch found {
        case .absent:
            if !isFresh {
                warnings.append("the side file is missing; counting goes on from the database's seq \(stored.seq)")
            }
            return stored
        case .damaged:
            warnings.append("the side file is damaged; counting goes on from the database's seq \(stored.seq)")
            return stored
        case .floor(let floor):
            if floor.node != stored.node {
                warnings.append("the node was called \(floor.node) and is now called \(stored.node)")
            }
            if floor.seq > stored.seq {
                warnings.append(
                    "the database was lost or is an older one: its seq is \(stored.seq), "
                        + "counting goes on from the side file's \(floor.seq)")
            }
            return stored.merged(with: floor)
        }
    }

    static func storedFlash(
        _ connection: borrowing SQLiteConnection, options: StoreOptions
    ) throws(StoreError) -> FlashMeter {
        func number(_ key: String) throws(StoreError) -> Int64 {
            try connection.integer("SELECT CAST(value AS INTEGER) FROM meta WHERE key = '\(key)'")
        }
        let budget = FlashBudget(
            bytesPerDay: options.flashBudgetPerDay, day: try number(MetaKey.flashDay),
            bytesToday: try number(MetaKey.flashDayBytes), leftDay: try number(MetaKey.flashDayLeft))
        return FlashMeter(total: try number(MetaKey.flashTotal), budget: budget)
    }
}
