package import SedgeCore

extension Store {
    /// Rows of history that are kept of each target.
    static let rolloutsKept = 50

    /// Notes something new that the node was sent, or its new state. What is the same as stored writes nothing.
    package func saveRollout(_ rollout: StoredRollout, in kind: StoredRollout.Kind) throws(StoreError) {
        try write { () throws(StoreError) in
            let statement = try connection.prepare(
                """
                INSERT INTO \(kind.rawValue)
                (target, version, digest, header, payload, state, reason, attempts, received_at, changed_at)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, nullif(?7, ''), ?8, ?9, ?10)
                ON CONFLICT (target, version) DO UPDATE
                SET digest = excluded.digest, header = excluded.header, payload = excluded.payload,
                    state = excluded.state, reason = excluded.reason, attempts = excluded.attempts,
                    changed_at = excluded.changed_at
                """)
            try statement.bind(rollout.target, at: 1)
            try statement.bind(rollout.version, at: 2)
            try statement.bind(rollout.digest, at: 3)
            try statement.bind(rollout.header, at: 4)
            try statement.bind(rollout.payload, at: 5)
            try statement.bind(rollout.state, at: 6)
            try statement.bind(rollout.reason ?? "", at: 7)
            try statement.bind(Int64(rollout.attempts), at: 8)
            try statement.bind(rollout.receivedAt.microseconds, at: 9)
            try statement.bind(rollout.changedAt.microseconds, at: 10)
            try statement.run()
            try forgetOldRollouts(of: rollout.target, in: kind)
        }
    }

    /// Notes how far it has come.
    package func updateRollout(
        target: String, version: Int64, state: String, reason: String?, attempts: Int, at time: Timestamp,
        in kind: StoredRollout.Kind
    ) throws(StoreError) {
        try write { () throws(StoreError) in
            let statement = try connection.prepare(
                """
                UPDATE \(kind.rawValue) SET state = ?3, reason = nullif(?4, ''), attempts = ?5, changed_at = ?6
                WHERE target = ?1 AND version = ?2
                """)
            try statement.bind(target, at: 1)
            try statement.bind(version, at: 2)
            try statement.bind(state, at: 3)
            try statement.bind(reason ?? "", at: 4)
            try statement.bind(Int64(attempts), at: 5)
            try statement.bind(time.microseconds, at: 6)
            try statement.run()
        }
    }

    /// All that is kept, oldest first.
    package func rollouts(_ kind: StoredRollout.Kind) throws(StoreError) -> [StoredRollout] {
        let statement = try connection.prepare(
            """
            SELECT target, version, digest, header, payload, state, reason, attempts, received_at, changed_at
            FROM \(kind.rawValue) ORDER BY id
            """)
        var result: [StoredRollout] = []
        while try statement.step() {
            let reason = statement.text(6)
            var rollout = StoredRollout(
                target: statement.text(0), version: statement.integer(1), digest: statement.text(2),
                header: statement.text(3), payload: statement.blob(4), state: statement.text(5),
                reason: reason.isEmpty ? nil : reason, attempts: Int(statement.integer(7)),
                at: Timestamp(microseconds: statement.integer(8)))
            rollout.changedAt = Timestamp(microseconds: statement.integer(9))
            result.append(rollout)
        }
        return result
    }

    /// The last good of a target stays, however long ago it came.
    private func forgetOldRollouts(of target: String, in kind: StoredRollout.Kind) throws(StoreError) {
        let statement = try connection.prepare(
            """
            DELETE FROM \(kind.rawValue) WHERE target = ?1
            AND id NOT IN (SELECT id FROM \(kind.rawValue) WHERE target = ?1 ORDER BY id DESC LIMIT \(Self.rolloutsKept))
            AND id <> (SELECT coalesce(max(id), 0) FROM \(kind.rawValue) WHERE target = ?1 AND state = 'active')
            """)
        try statement.bind(target, at: 1)
        try statement.run()
    }
}
