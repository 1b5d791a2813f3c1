extension Migration {
    /// What people said about streams.
    static let version3 = Migration(
        version: 3,
        sql: """
            CREATE TABLE labels (
                number      INTEGER PRIMARY KEY,   -- in the order in which they came
                stream      TEXT NOT NULL,
                id          TEXT NOT NULL,         -- given by the sender
                received_at INTEGER NOT NULL,      -- microseconds since 1970
                kind        TEXT NOT NULL,         -- normal, anomaly, label
                insight     TEXT,                  -- the insight that a verdict is about
                name        TEXT,                  -- a label's
                begin_at    INTEGER NOT NULL,      -- microseconds since 1970, event time
                end_at      INTEGER NOT NULL,
                state       TEXT,                  -- the learned state that covers it
                model       TEXT NOT NULL,         -- whose embeddings the examples are
                revoked_by  TEXT,                  -- the id of the feedback that took it back
                crc         INTEGER NOT NULL,      -- CRC-32 of examples
                examples    BLOB NOT NULL,
                UNIQUE (stream, id)
            ) STRICT;
            """)
}
