package import SedgeCore

extension Store {
    /// Saves pieces in one transaction, unless the day's flash budget is spent: replay can always wait.
    /// - Parameter model: the bundle's fingerprint.
    package func saveReplay(
        _ pieces: [StoredReplay], model: String, at time: Timestamp
    ) throws(StoreError) -> CheckpointOutcome {
        guard !pieces.isEmpty else { return .saved(written: 0, unchanged: 0) }
        // Once to the WAL and once from it, in whole pages.
        let bytes = pieces.reduce(0) { $0 + Int64($1.data.count / 4096 + 2) * 2 * Self.pageSize }
        guard flash.budget.allows(bytes: bytes, at: time) else {
            // No news: who hears of the day's first is told of checkpoints.
            return .deferred(bytes: bytes, isFirstToday: false)
        }
        try write { () throws(StoreError) in
            try insert(pieces, model: model)
            try saveFlashCounters()
        }
        return .saved(written: pieces.count, unchanged: 0)
    }

    /// Within a transaction.
    func insert(_ pieces: [StoredReplay], model: String) throws(StoreError) {
        let statement = try connection.prepare(
            """
            INSERT INTO replay (stream, slot, model, coverage, seen, data) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
            ON CONFLICT (stream, slot) DO UPDATE
            SET model = excluded.model, coverage = excluded.coverage, seen = excluded.seen, data = excluded.data
            """)
        for piece in pieces {
            try statement.bind(piece.stream.description, at: 1)
            try statement.bind(Int64(piece.slot), at: 2)
            try statement.bind(model, at: 3)
            try statement.bind(piece.coverage, at: 4)
            try statement.bind(Int64(piece.seen), at: 5)
            try statement.bind(piece.data, at: 6)
            try statement.run()
        }
    }

    /// All that is kept of one stream, by the model whose activations it is.
    package func loadReplay(stream: StreamID) throws(StoreError) -> [String: [StoredReplay]] {
        let list = try connection.prepare("SELECT DISTINCT model FROM replay WHERE stream = ?1")
        try list.bind(stream.description, at: 1)
        var models: [String] = []
        while try list.step() { models.append(list.text(0)) }
        var found: [String: [StoredReplay]] = [:]
        for model in models { found[model] = try loadReplay(stream: stream, model: model, limit: .max) }
        return found
    }

    /// The places that are taken, of all streams, without what stands there.
    package func replayPlaces(model: String) throws(StoreError) -> [StoredReplay] {
        let statement = try connection.prepare(
            "SELECT stream, slot, coverage, seen FROM replay WHERE model = ?1 ORDER BY stream, slot")
        try statement.bind(model, at: 1)
        var places: [StoredReplay] = []
        while try statement.step() {
            guard let stream = try? StreamID(statement.text(0)) else { continue }
            places.append(
                StoredReplay(
                    stream: stream, slot: Int(statement.integer(1)), coverage: statement.text(2),
                    seen: Int(statement.integer(3)), data: []))
        }
        return places
    }

    package func replayCount(of stream: StreamID) throws(StoreError) -> Int {
        let statement = try connection.prepare("SELECT count(*) FROM replay WHERE stream = ?1")
        try statement.bind(stream.description, at: 1)
        return try statement.step() ? Int(statement.integer(0)) : 0
    }

    /// The pieces of one stream, in the order of their places; `limit` of them, evenly spread.
    package func loadReplay(stream: StreamID, model: String, limit: Int) throws(StoreError) -> [StoredReplay] {
        let count = try connection.prepare("SELECT count(*) FROM replay WHERE stream = ?1 AND model = ?2")
        try count.bind(stream.description, at: 1)
        try count.bind(model, at: 2)
        let total = try count.step() ? Int(count.integer(0)) : 0
        let statement = try connection.prepare(
            "SELECT slot, coverage, seen, data FROM replay WHERE stream = ?1 AND model = ?2 ORDER BY slot")
        try statement.bind(stream.description, at: 1)
        try statement.bind(model, at: 2)
        var pieces: [StoredReplay] = []
        var index = 0
        while try statement.step() {
            defer { index += 1 }
            // One in total / limit: the first of every share.
            if total > limit, index * limit / total == (index - 1) * limit / total, index > 0 { continue }
            pieces.append(
                StoredReplay(
                    stream: stream, slot: Int(statement.integer(0)), coverage: statement.text(1),
                    seen: Int(statement.integer(2)), data: statement.blob(3)))
        }
        return pieces
    }

    /// Forgets the pieces of a stream.
    package func deleteReplay(stream: StreamID) throws(StoreError) {
        try write { () throws(StoreError) in
            let statement = try connection.prepare("DELETE FROM replay WHERE stream = ?1")
            try statement.bind(stream.description, at: 1)
            try statement.run()
        }
    }

    /// Forgets the activations of all models but these. Returns how many pieces.
    package func deleteReplay(exceptModels models: Set<String>) throws(StoreError) -> Int {
        let list = try connection.prepare("SELECT model, count(*) FROM replay GROUP BY model")
        var found: [(model: String, count: Int)] = []
        while try list.step() { found.append((list.text(0), Int(list.integer(1)))) }
        let gone = found.filter { !models.contains($0.model) }
        guard !gone.isEmpty else { return 0 }
        try write { () throws(StoreError) in
            let statement = try connection.prepare("DELETE FROM replay WHERE model = ?1")
            for (model, _) in gone {
                try statement.bind(model, at: 1)
                try statement.run()
            }
        }
        return gone.reduce(0) { $0 + $1.count }
    }
}
