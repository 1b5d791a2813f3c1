package import SedgeCore

extension Store {
    /// Notes streams; the earlier `firstSeen` stays.
    package func upsertStreams(_ streams: [StoredStream]) throws(StoreError) {
        guard !streams.isEmpty else { return }
        try write { () throws(StoreError) in try putStreams(streams) }
    }

    /// Inside a transaction.
    func putStreams(_ streams: [StoredStream]) throws(StoreError) {
        let statement = try connection.prepare(
            """
            INSERT INTO streams (id, topic, first_seen, last_seen, retained_topics) VALUES (?1, ?2, ?3, ?4, ?5)
            ON CONFLICT (id) DO UPDATE
            SET topic = excluded.topic, first_seen = min(first_seen, excluded.first_seen),
                last_seen = excluded.last_seen, retained_topics = excluded.retained_topics
            """)
        for stream in streams {
            try statement.bind(stream.id.description, at: 1)
            try statement.bind(stream.topic, at: 2)
            try statement.bind(stream.firstSeen.microseconds, at: 3)
            try statement.bind(stream.lastSeen.microseconds, at: 4)
            let topics = PayloadJSON.encode(stream.retainedTopics)
            try statement.bind(String(decoding: topics, as: UTF8.self), at: 5)
            try statement.run()
        }
    }

    /// Every stream that was ever noted and not removed, by name.
    package func streams() throws(StoreError) -> [StoredStream] {
        let statement = try connection.prepare(
            "SELECT id, topic, first_seen, last_seen, retained_topics FROM streams ORDER BY id")
        var result: [StoredStream] = []
        while try statement.step() {
            guard let id = try? StreamID(statement.text(0)),
                let topics = try? PayloadJSON.decode([String].self, from: Array(statement.text(4).utf8))
            else {
                maintenanceError = StoreError(
                    .damaged, "stream \"\(statement.text(0))\" can not be read and is left out", path: path)
                continue
            }
            result.append(
                StoredStream(
                    id: id, topic: statement.text(1), firstSeen: Timestamp(microseconds: statement.integer(2)),
                    lastSeen: Timestamp(microseconds: statement.integer(3)), retainedTopics: topics))
        }
        return result
    }

    /// Forgets a stream and what was learned of it. Its insights stay until retention takes them.
    package func removeStream(_ id: StreamID) throws(StoreError) {
        try write { () throws(StoreError) in
            for (table, column) in [
                ("streams", "id"), ("checkpoints", "stream"), ("labels", "stream"), ("replay", "stream"),
            ] {
                let statement = try connection.prepare("DELETE FROM \(table) WHERE \(column) = ?1")
                try statement.bind(id.description, at: 1)
                try statement.run()
            }
        }
    }
}
