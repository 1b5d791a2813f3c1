package import SedgeCore

extension Store {
    /// Saves learned state, all of it, none, or all but `spare`. What is stored already, byte for byte, is not written again.
    ///
    /// They keep to the pace of the day's flash budget: where that does not allow one at every interval, the time
    /// between two grows.
    ///
    /// - Parameters:
    ///   - isUrgent: writes whatever the budget says, as at shutdown.
    ///   - spare: parts that wait where all together are too much; the others are saved without them.
    ///   - isLate: they have waited for long: now the others wait with them, unless they would for ever.
    package func saveCheckpoints(
        _ checkpoints: [Checkpoint], at time: Timestamp, isUrgent: Bool = false, spare: Set<String> = [],
        isLate: Bool = false
    ) throws(StoreError) -> CheckpointOutcome {
        var changed: [Checkpoint] = []
        for checkpoint in checkpoints where try !isStored(checkpoint) { changed.append(checkpoint) }
        guard !changed.isEmpty else { return .saved(written: 0, unchanged: checkpoints.count) }
        // Once to the WAL and once from it, in whole pages.
        let bytes = changed.reduce(0) { $0 + Int64($1.data.count / 4096 + 1) * 2 * Self.pageSize }
        guard isUrgent || flash.budget.paces(bytes: bytes, at: time) else {
            let isFirst = flash.noteDeferral(at: time)
            if !spare.isEmpty, !isLate || bytes > flash.budget.share {
                _ = try saveCheckpoints(checkpoints.filter { !spare.contains($0.part) }, at: time)
            }
            return .deferred(bytes: bytes, isFirstToday: isFirst)
        }
        try write { () throws(StoreError) in
            try upsert(changed, at: time)
            try saveFlashCounters()
        }
        return .saved(written: changed.count, unchanged: checkpoints.count - changed.count)
    }

    /// Inside a transaction.
    func upsert(_ checkpoints: [Checkpoint], at time: Timestamp) throws(StoreError) {
        guard !checkpoints.isEmpty else { return }
        // An update of equal length rewrites only the pages whose bytes differ.
        let statement = try connection.prepare(
            """
            INSERT INTO checkpoints (stream, part, saved_at, crc, data) VALUES (?1, ?2, ?3, ?4, ?5)
            ON CONFLICT (stream, part) DO UPDATE
            SET saved_at = excluded.saved_at, crc = excluded.crc, data = excluded.data
            """)
        for checkpoint in checkpoints {
            try statement.bind(checkpoint.stream.description, at: 1)
            try statement.bind(checkpoint.part, at: 2)
            try statement.bind(time.microseconds, at: 3)
            try statement.bind(Int64(CRC32.checksum(checkpoint.data)), at: 4)
            try statement.bind(checkpoint.data, at: 5)
            try statement.run()
        }
    }

    package func loadCheckpoints() throws(StoreError) -> LoadedCheckpoints {
        let statement = try connection.prepare("SELECT stream, part, crc, data FROM checkpoints ORDER BY stream, part")
        var result = LoadedCheckpoints()
        while try statement.step() {
            let data = statement.blob(3)
            if let stream = try? StreamID(statement.text(0)), Int64(CRC32.checksum(data)) == statement.integer(2) {
                result.checkpoints.append(Checkpoint(stream: stream, part: statement.text(1), data: data))
            } else {
                result.damaged.append("\(statement.text(0))/\(statement.text(1))")
            }
        }
        return result
    }

    private func isStored(_ checkpoint: Checkpoint) throws(StoreError) -> Bool {
        let statement = try connection.prepare(
            "SELECT 1 FROM checkpoints WHERE stream = ?1 AND part = ?2 AND crc = ?3 AND data = ?4")
        try statement.bind(checkpoint.stream.description, at: 1)
        try statement.bind(checkpoint.part, at: 2)
        try statement.bind(Int64(CRC32.checksum(checkpoint.data)), at: 3)
        try statement.bind(checkpoint.data, at: 4)
        return try statement.step()
    }
}
