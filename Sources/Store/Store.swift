/// The agent's memory on disk: insights and their outbox, checkpoints, streams. The only place with SQL.
///
/// A store belongs to one thread. `StoreWriter` gives it one and speaks to it from the others.
///
/// What holds at every instant, power cut included:
/// - A sequence number is given once. Database and side file both know the highest; the higher one counts.
/// - An insight that was returned is committed with `synchronous=FULL`, and stays in the outbox until acknowledged.
/// - The side file is at least as high as every insight that was returned.
///
/// Not kept exactly, on purpose: acknowledgements and the count of written bytes reach the disk with the next
/// write, so after a power cut some insights are delivered again, under the same `seq`.
package final class Store {
    package let path: String
    let options: StoreOptions
    let floorFile: FloorFile
    var connection: SQLiteConnection
    private var lock: FileLock?

    /// The highest sequence number given so far; 0 before the first.
    package internal(set) var lastSeq: Int64
    /// Highest accepted versions, by name; see `raiseAcceptedVersion`.
    package internal(set) var acceptedVersions: [String: Int64]
    /// Whether the side file is lower than `lastSeq`: its last rename failed. Nothing is handed out until it is not.
    var isFloorBehind = false
    /// Insights that nobody has acknowledged.
    package internal(set) var pendingCount: Int
    /// Insights that are gone though nobody had acknowledged them, since the store was opened.
    package internal(set) var dropped = 0
    /// Acknowledged, but still in the outbox on disk.
    var acknowledged: Set<Int64> = []
    var flash: FlashMeter
    /// What went wrong last without a caller to tell: the WAL could not be copied when it was due (it is tried again
    /// after the next write), or a damaged row was left out.
    package internal(set) var maintenanceError: StoreError?

    init(
        connection: consuming SQLiteConnection, lock: consuming FileLock, options: StoreOptions, floor: Floor,
        pendingCount: Int, flash: FlashMeter
    ) {
        path = connection.path
        floorFile = FloorFile(database: connection.path)
        self.connection = connection
        self.lock = consume lock
        self.options = options
        lastSeq = floor.seq
        acceptedVersions = floor.versions
        self.pendingCount = pendingCount
        self.flash = flash
    }

    /// Writes what is still in memory, copies the WAL into the database and closes. Closed even when it throws.
    package func close() throws(StoreError) {
        defer {
            connection.close()
            lock = nil
        }
        try write { () throws(StoreError) in try saveFlashCounters() }
        _ = try checkpointLog(truncate: true)
    }

    /// A transaction. Acknowledgements that wait go with it; what it wrote is counted, also when it failed.
    ///
    /// The body may run twice: on a full disk the WAL is copied, so that its space can be used again, and if that
    /// worked the transaction is tried once more.
    func write<Result>(_ body: () throws(StoreError) -> Result) throws(StoreError) -> Result {
        let result: Result
        do throws(StoreError) {
            result = try attempt(body)
        } catch {
            guard error.reason == .diskFull, (try? checkpointLog(truncate: false)) == true else { throw error }
            result = try attempt(body)
        }
        acknowledged.removeAll(keepingCapacity: true)
        checkpointLogIfLong()
        return result
    }

    private func attempt<Result>(_ body: () throws(StoreError) -> Result) throws(StoreError) -> Result {
        defer { countPages() }
        return try connection.transaction { () throws(StoreError) -> Result in
            let result = try body()
            try deleteAcknowledged()
            return result
        }
    }

    // MARK: Small things

    package func meta(_ key: String) throws(StoreError) -> String? {
        let statement = try connection.prepare("SELECT value FROM meta WHERE key = ?1")
        try statement.bind(key, at: 1)
        return try statement.step() ? statement.text(0) : nil
    }

    package func setMeta(_ key: String, _ value: String) throws(StoreError) {
        guard try meta(key) != value else { return }
        try write { () throws(StoreError) in try putMeta(key, value) }
    }

    /// Inside a transaction.
    func putMeta(_ key: String, _ value: String) throws(StoreError) {
        let statement = try connection.prepare(
            "INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value")
        try statement.bind(key, at: 1)
        try statement.bind(value, at: 2)
        try statement.run()
    }

    func removeMeta(_ key: String) throws(StoreError) {
        let statement = try connection.prepare("DELETE FROM meta WHERE key = ?1")
        try statement.bind(key, at: 1)
        try statement.run()
    }
}
