package import SedgeCore

extension Store {
    /// Deletes insights that are too old, then the oldest while the database is too large, and gives the space back.
    ///
    /// Insights that nobody has acknowledged have no age; they go last, when only that makes the database small
    /// enough, and are counted. Where what was learned takes more than the limit by itself, dropping them could not do
    /// that: they may then take as much as the limit on top. Deferred when the day's flash budget is spent, unless the
    /// database is a quarter larger than it may be.
    ///
    /// - Parameters:
    ///   - maxAge: microseconds since the commit.
    ///   - maxBytes: of the database file.
    package func enforceRetention(
        now: Timestamp, maxAge: Int64, maxBytes: Int64
    ) throws(StoreError) -> RetentionReport {
        var report = RetentionReport()
        report.bytesBefore = try databaseBytes()
        report.bytesAfter = report.bytesBefore
        guard flash.budget.allows(bytes: 0, at: now) || report.bytesBefore > maxBytes + maxBytes / 4 else {
            report.isDeferred = true
            return report
        }
        try flushAcknowledgements()
        let limit = now.microseconds - maxAge
        while true {
            let count = try deleteInsights(committedBefore: limit)
            report.deletedByAge += count
            if count == 0 { break }
        }
        if try usedBytes() > maxBytes {
            // Somewhat lower than the limit, so that it is not reached again at once.
            let goal = maxBytes - maxBytes / 10
            while try usedBytes() > goal {
                let count = try deleteInsights(committedBefore: .max)
                report.deletedBySize += count
                if count == 0 { break }
            }
            let learned = try learnedBytes()
            report.isBelowLearned = learned > maxBytes
            // An eighth more: pages hold more than what is in them.
            let least = report.isBelowLearned ? learned + maxBytes : max(goal, learned + learned / 8)
            while try usedBytes() > least {
                let count = try dropUnacknowledged()
                report.droppedUnacknowledged += count
                if count == 0 { break }
            }
        }
        try giveSpaceBack(maxBytes: maxBytes)
        report.bytesAfter = try databaseBytes()
        return report
    }

    /// Insights that are gone though nobody had acknowledged them, over the database's life.
    package func droppedTotal() throws(StoreError) -> Int64 { Int64(try meta(MetaKey.dropped) ?? "") ?? 0 }

    /// Deletes the oldest acknowledged insights, a batch at a time so that the WAL stays short; returns how many.
    ///
    /// Age is asked of the first batch in the order of `seq` alone: reading every row each time would take seconds.
    private func deleteInsights(committedBefore limit: Int64) throws(StoreError) -> Int {
        let rows = """
            SELECT seq FROM (
                SELECT seq, committed_at FROM insights
                WHERE seq NOT IN (SELECT seq FROM outbox) ORDER BY seq LIMIT 256
            ) WHERE committed_at < \(limit)
            """
        let count = Int(try connection.integer("SELECT count(*) FROM (\(rows))"))
        guard count > 0 else { return 0 }
        try write { () throws(StoreError) in
            // The newest row tells the sequence number as long as it is there.
            try putMeta(MetaKey.seqFloor, String(lastSeq))
            try connection.execute("DELETE FROM insights WHERE seq IN (\(rows))")
            try saveFlashCounters()
        }
        return count
    }

    private func dropUnacknowledged() throws(StoreError) -> Int {
        let rows = "SELECT seq FROM outbox ORDER BY seq LIMIT 64"
        let count = Int(try connection.integer("SELECT count(*) FROM (\(rows))"))
        guard count > 0 else { return 0 }
        let total = try droppedTotal() + Int64(count)
        try write { () throws(StoreError) in
            try putMeta(MetaKey.seqFloor, String(lastSeq))
            try putMeta(MetaKey.dropped, String(total))
            try connection.execute(
                "DELETE FROM insights WHERE seq IN (\(rows)); DELETE FROM outbox WHERE seq IN (\(rows))")
        }
        pendingCount -= count
        dropped += count
        return count
    }

    /// Truncates the file when it is too large or a quarter of it is free; moving pages for less would cost flash.
    private func giveSpaceBack(maxBytes: Int64) throws(StoreError) {
        let free = try connection.integer("PRAGMA freelist_count")
        let bytes = try databaseBytes()
        guard free > 0, bytes > maxBytes || free * Self.pageSize * 4 > bytes else { return }
        try write { () throws(StoreError) in try connection.execute("PRAGMA incremental_vacuum") }
        _ = try checkpointLog(truncate: false)
    }

    /// At least what retention never deletes takes: its rows' and pages' own bytes are not in it.
    private func learnedBytes() throws(StoreError) -> Int64 {
        var bytes: Int64 = 0
        for (table, column) in [
            ("checkpoints", "data"), ("replay", "data"), ("labels", "examples"), ("configurations", "payload"),
        ] {
            bytes += try connection.integer("SELECT sum(length(\(column))) FROM \(table)")
        }
        return bytes
    }

    /// Bytes of the database file once the WAL is copied.
    func databaseBytes() throws(StoreError) -> Int64 { try connection.integer("PRAGMA page_count") * Self.pageSize }

    private func usedBytes() throws(StoreError) -> Int64 {
        try databaseBytes() - connection.integer("PRAGMA freelist_count") * Self.pageSize
    }
}
