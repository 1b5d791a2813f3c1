package import SedgeCore

extension Store {
    /// Feedback of all streams in the order in which it came, revoked ones too.
    ///
    /// A row that can not be read is left out, and `maintenanceError` says so.
    package func feedback() throws(StoreError) -> [StoredFeedback] {
        let statement = try connection.prepare(
            """
            SELECT stream, id, received_at, kind, insight, name, begin_at, end_at, state, model, revoked_by, crc,
            examples FROM labels ORDER BY number
            """)
        var result: [StoredFeedback] = []
        while try statement.step() {
            let examples = statement.blob(12)
            guard let stream = try? StreamID(statement.text(0)),
                let kind = StoredFeedback.Kind(rawValue: statement.text(3)),
                Int64(CRC32.checksum(examples)) == statement.integer(11)
            else {
                maintenanceError = StoreError(
                    .damaged, "feedback \"\(statement.text(1))\" can not be read and is left out", path: path)
                continue
            }
            var row = StoredFeedback(
                stream: stream, id: statement.text(1), receivedAt: Timestamp(microseconds: statement.integer(2)),
                kind: kind, insight: statement.optionalText(4), name: statement.optionalText(5),
                span: TimeSpan(
                    from: Timestamp(microseconds: statement.integer(6)),
                    to: Timestamp(microseconds: statement.integer(7))),
                state: statement.optionalText(8), model: statement.text(9), examples: examples)
            row.revokedBy = statement.optionalText(10)
            result.append(row)
        }
        return result
    }

    /// Verdicts and revoked feedback that a stream keeps; older ones go.
    package static let passingFeedbackLimit = 128

    /// Commits a feedback. One that is there already, by stream and id, stays as it is.
    package func addFeedback(_ feedback: StoredFeedback) throws(StoreError) {
        try write { () throws(StoreError) in
            try insert(feedback)
            let passing = "FROM labels WHERE stream = ?1 AND (kind != 'label' OR revoked_by IS NOT NULL)"
            let prune = try connection.prepare(
                """
                DELETE \(passing) AND number NOT IN
                (SELECT number \(passing) ORDER BY number DESC LIMIT \(Self.passingFeedbackLimit))
                """)
            try prune.bind(feedback.stream.description, at: 1)
            try prune.run()
        }
    }

    /// Sees to it that these are there.
    package func keepFeedback(_ entries: [StoredFeedback]) throws(StoreError) {
        guard !entries.isEmpty else { return }
        try write { () throws(StoreError) in
            for entry in entries { try insert(entry) }
        }
    }

    /// Inside a transaction.
    func insert(_ feedback: StoredFeedback) throws(StoreError) {
        let statement = try connection.prepare(
            """
            INSERT INTO labels (stream, id, received_at, kind, insight, name, begin_at, end_at, state, model, crc,
            examples, revoked_by) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
            ON CONFLICT (stream, id) DO NOTHING
            """)
        try statement.bind(feedback.stream.description, at: 1)
        try statement.bind(feedback.id, at: 2)
        try statement.bind(feedback.receivedAt.microseconds, at: 3)
        try statement.bind(feedback.kind.rawValue, at: 4)
        if let insight = feedback.insight { try statement.bind(insight, at: 5) }
        if let name = feedback.name { try statement.bind(name, at: 6) }
        try statement.bind(feedback.span.from.microseconds, at: 7)
        try statement.bind(feedback.span.to.microseconds, at: 8)
        if let state = feedback.state { try statement.bind(state, at: 9) }
        try statement.bind(feedback.model, at: 10)
        try statement.bind(Int64(CRC32.checksum(feedback.examples)), at: 11)
        try statement.bind(feedback.examples, at: 12)
        if let revocation = feedback.revokedBy { try statement.bind(revocation, at: 13) }
        try statement.run()
    }

    /// Takes a feedback back: its row stays, so that its id is still known, its examples go.
    package func revokeFeedback(_ id: String, of stream: StreamID, by revocation: String) throws(StoreError) {
        try write { () throws(StoreError) in
            let statement = try connection.prepare(
                "UPDATE labels SET revoked_by = ?3, crc = 0, examples = x'' WHERE stream = ?1 AND id = ?2")
            try statement.bind(stream.description, at: 1)
            try statement.bind(id, at: 2)
            try statement.bind(revocation, at: 3)
            try statement.run()
        }
    }

    /// Where in time the insight of this id is; with nil, the stream's latest anomaly. Nil where there is none.
    package func insightSpan(_ id: String?, of stream: StreamID) throws(StoreError) -> InsightSpan? {
        let statement = try connection.prepare(
            """
            SELECT payload FROM insights WHERE stream = ?1 AND (kind = 'anomaly' OR ?2 != '')
            AND (?2 = '' OR instr(payload, CAST(?2 AS BLOB))) ORDER BY seq DESC
            """)
        try statement.bind(stream.description, at: 1)
        try statement.bind(id ?? "", at: 2)
        while try statement.step() {
            guard let insight = try? PayloadJSON.decode(Insight.self, from: statement.blob(0)),
                id == nil || insight.id == id
            else { continue }
            let isOver = insight.phase == .end || insight.phase == .point
            return InsightSpan(
                id: insight.id, start: insight.start ?? insight.ts, end: isOver ? insight.end ?? insight.ts : nil)
        }
        return nil
    }
}
