/// Signed messages that came before their time.
extension Store {
    /// Keeps one, in place of an earlier one for the same subject and target.
    package func keepPostponed(_ envelope: [UInt8], subject: String, target: String) throws(StoreError) {
        try write { () throws(StoreError) in
            let statement = try connection.prepare(
                """
                INSERT INTO postponed (subject, target, envelope) VALUES (?1, ?2, ?3)
                ON CONFLICT (subject, target) DO UPDATE SET envelope = excluded.envelope
                """)
            try statement.bind(subject, at: 1)
            try statement.bind(target, at: 2)
            try statement.bind(envelope, at: 3)
            try statement.run()
        }
    }

    package func forgetPostponed(subject: String, target: String) throws(StoreError) {
        try write { () throws(StoreError) in
            let statement = try connection.prepare("DELETE FROM postponed WHERE subject = ?1 AND target = ?2")
            try statement.bind(subject, at: 1)
            try statement.bind(target, at: 2)
            try statement.run()
        }
    }

    /// All of them.
    package func postponed() throws(StoreError) -> [[UInt8]] {
        let statement = try connection.prepare("SELECT envelope FROM postponed ORDER BY subject, target")
        var result: [[UInt8]] = []
        while try statement.step() { result.append(statement.blob(0)) }
        return result
    }
}
