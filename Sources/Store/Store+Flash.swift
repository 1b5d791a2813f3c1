import SedgeCore

extension Store {
    static let pageSize: Int64 = 4096

    /// Bytes written to flash over the life of the database, as far as the store causes them.
    package var flashBytesWritten: Int64 { flash.total }

    /// Bytes written on the present UTC day.
    package var flashBytesWrittenToday: Int64 { flash.budget.spent(at: options.now()) }

    /// Another daily budget; what was written today counts on.
    package func setFlashBudget(bytesPerDay: Int64) { flash.setBudget(bytesPerDay: bytesPerDay) }

    /// Whether so many bytes may still be written today by what can wait.
    package func flashAllows(bytes: Int64) -> Bool { flash.budget.allows(bytes: bytes, at: options.now()) }

    /// Counts the pages written to the WAL since the last call.
    func countPages() {
        let pages = connection.takePagesWritten()
        flash.logPages += pages
        count(bytes: Int64(pages) * (Self.pageSize + WriteAheadLog.frameHeader))
    }

    func count(bytes: Int64) { flash.record(bytes: bytes, at: options.now()) }

    /// Copies the WAL once it is long. SQLite's own automatic checkpoint would not be counted.
    ///
    /// What was committed before stays committed when this fails, so it does not throw: it is tried again after
    /// the next write, and `maintenanceError` says why.
    func checkpointLogIfLong() {
        guard flash.logPages >= options.logPages else { return }
        do throws(StoreError) {
            _ = try checkpointLog(truncate: false)
            maintenanceError = nil
        } catch {
            maintenanceError = error
        }
    }

    /// Copies the WAL into the database, and empties it if asked. Whether all of it: a reader may hold a part back.
    func checkpointLog(truncate: Bool) throws(StoreError) -> Bool {
        // What was copied already is not copied again, though it stands in the log until the next write.
        let pages =
            flash.logPages == 0 ? 0 : WriteAheadLog.distinctPages(path: "\(path)-wal", pageSize: Int(Self.pageSize))
        guard try connection.checkpointLog(truncate: truncate) else { return false }
        count(bytes: Int64(pages) * Self.pageSize)
        flash.logPages = 0
        return true
    }

    /// Inside a transaction. What is counted after it is saved with the next.
    func saveFlashCounters() throws(StoreError) {
        try putMeta(MetaKey.flashTotal, String(flash.total))
        try putMeta(MetaKey.flashDay, String(flash.budget.day))
        try putMeta(MetaKey.flashDayLeft, String(flash.budget.leftDay))
        try putMeta(MetaKey.flashDayBytes, String(flash.budget.bytesToday))
    }
}

/// Names in `meta` that the store itself uses.
enum MetaKey {
    static let flashTotal = "flash_bytes_written_total"
    static let flashDay = "flash_day"
    /// The day that the clock went back from.
    static let flashDayLeft = "flash_day_left"
    static let flashDayBytes = "flash_day_bytes"
    /// The highest sequence number at the last time insights were deleted.
    static let seqFloor = "seq_floor"
    static let dropped = "outbox_dropped_total"
    static let acceptedPrefix = "accepted."
}
