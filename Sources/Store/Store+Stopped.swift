package import SedgeCore

extension Store {
    /// Opens the database of an agent that does not run, to look at what was learned or to change it. Nothing is
    /// migrated, moved aside or counted; with `isWritable` false nothing at all is written to the database.
    ///
    /// - Throws: where there is none, it is damaged or of another schema, or an agent has it open.
    package static func openStopped(at path: String, isWritable: Bool) throws(StoreError) -> Store {
        let newest = SchemaMigrator.sedge.newest
        // Before the lock, whose file would be left beside a path where nothing is.
        guard try FileSystem.exists(path) else { throw StoreError(.failed, "there is no database", path: path) }
        let lock = try FileLock(for: path)
        switch try DatabaseInspection(path: path, newest: newest) {
        case .absent: throw StoreError(.failed, "there is no database", path: path)
        case .damaged(let reason): throw StoreError(.damaged, "the database is damaged: \(reason)", path: path)
        case .sound(version: newest): break
        case .sound(let version):
            throw StoreError(
                .failed,
                "the database has schema \(version), expected \(newest): start the agent once, which brings it up",
                path: path)
        }
        let mode: SQLiteConnection.Mode =
            if isWritable { .readWrite } else { try FileSystem.size("\(path)-wal") > 0 ? .readOnly : .immutable }
        let connection = try SQLiteConnection(path: path, mode: mode)
        if isWritable { try connection.execute("PRAGMA busy_timeout = 5000; PRAGMA synchronous = FULL") }
        let node: NodeID
        do {
            node = try NodeID("stopped")
        } catch {
            preconditionFailure("\(error)")
        }
        let floor = Floor(
            node: node.description, seq: try connection.integer("SELECT max(seq) FROM insights"))
        var options = StoreOptions(node: node, bootID: "")
        options.flashBudgetPerDay = .max
        let flash = try storedFlash(connection, options: options)
        return Store(
            connection: connection, lock: lock, options: options, floor: floor, pendingCount: 0, flash: flash)
    }

    /// Forgets what was learned of a stream by itself, and what was kept to learn from. What people said stays, and so does
    /// the part of this name, which says what subscribers wait for the end of.
    ///
    /// - Returns: whether there was anything.
    package func forgetLearned(_ stream: StreamID, keeping part: String) throws(StoreError) -> Bool {
        try write { () throws(StoreError) -> Bool in
            let statement = try connection.prepare("DELETE FROM checkpoints WHERE stream = ?1 AND part != ?2")
            try statement.bind(stream.description, at: 1)
            try statement.bind(part, at: 2)
            try statement.run()
            let wasThere = try connection.integer("SELECT changes()") > 0
            let replay = try connection.prepare("DELETE FROM replay WHERE stream = ?1")
            try replay.bind(stream.description, at: 1)
            try replay.run()
            return wasThere
        }
    }

    /// Puts what was learned elsewhere in place of what is here, stream by stream, all or nothing.
    package func replaceLearned(
        streams: [StoredStream], checkpoints: [Checkpoint], feedback: [StoredFeedback],
        replay: [String: [StoredReplay]] = [:], at time: Timestamp
    ) throws(StoreError) {
        try write { () throws(StoreError) in
            for stream in streams {
                for table in ["checkpoints", "labels", "replay"] {
                    let statement = try connection.prepare("DELETE FROM \(table) WHERE stream = ?1")
                    try statement.bind(stream.id.description, at: 1)
                    try statement.run()
                }
            }
            try putStreams(streams)
            try upsert(checkpoints, at: time)
            for entry in feedback { try insert(entry) }
            for (model, pieces) in replay { try insert(pieces, model: model) }
        }
    }

    /// Bytes and time of each stored part of what was learned, damaged ones too.
    package func checkpointSizes() throws(StoreError) -> [CheckpointSize] {
        let statement = try connection.prepare(
            "SELECT stream, part, saved_at, length(data) FROM checkpoints ORDER BY stream, part")
        var result: [CheckpointSize] = []
        while try statement.step() {
            result.append(
                CheckpointSize(
                    stream: statement.text(0), part: statement.text(1),
                    savedAt: Timestamp(microseconds: statement.integer(2)), bytes: Int(statement.integer(3))))
        }
        return result
    }

    /// Messages of one kind and phase that are kept of a stream.
    package func insightCount(
        of stream: StreamID, kind: InsightKind, phase: InsightPhase
    ) throws(StoreError) -> Int {
        let statement = try connection.prepare(
            "SELECT count(*) FROM insights WHERE stream = ?1 AND kind = ?2 AND instr(payload, CAST(?3 AS BLOB))")
        try statement.bind(stream.description, at: 1)
        try statement.bind(kind.rawValue, at: 2)
        try statement.bind("\"phase\":\"\(phase.rawValue)\"", at: 3)
        return try statement.step() ? Int(statement.integer(0)) : 0
    }

    /// The newest `accepted` among the adaptations of a stream that are kept, of this model.
    package func acceptedAdaptation(of stream: StreamID, model: String) throws(StoreError) -> Insight? {
        let statement = try connection.prepare(
            "SELECT payload FROM insights WHERE stream = ?1 AND kind = ?2 ORDER BY seq DESC")
        try statement.bind(stream.description, at: 1)
        try statement.bind(InsightKind.adaptation.rawValue, at: 2)
        while try statement.step() {
            guard let insight = try? PayloadJSON.decode(Insight.self, from: statement.blob(0)),
                insight.detail == "accepted", insight.model == model
            else { continue }
            return insight
        }
        return nil
    }
}

/// How much one part of a stream takes.
package struct CheckpointSize: Sendable, Equatable {
    package let stream: String
    package let part: String
    package let savedAt: Timestamp
    package let bytes: Int
}
