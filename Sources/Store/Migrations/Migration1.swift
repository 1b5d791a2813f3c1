extension Migration {
    /// The first schema. Other tables came with the code that uses them.
    static let version1 = Migration(
        version: 1,
        sql: """
            PRAGMA application_id = \(DatabaseInspection.applicationID);

            CREATE TABLE meta (
                key   TEXT PRIMARY KEY,
                value TEXT NOT NULL
            ) STRICT, WITHOUT ROWID;

            CREATE TABLE streams (
                id              TEXT PRIMARY KEY,
                topic           TEXT NOT NULL,
                first_seen      INTEGER NOT NULL,  -- microseconds since 1970
                last_seen       INTEGER NOT NULL,  -- microseconds since 1970
                retained_topics TEXT NOT NULL      -- JSON array
            ) STRICT, WITHOUT ROWID;

            CREATE TABLE checkpoints (
                stream   TEXT NOT NULL,
                part     TEXT NOT NULL,
                saved_at INTEGER NOT NULL,         -- microseconds since 1970
                crc      INTEGER NOT NULL,         -- CRC-32 of data
                data     BLOB NOT NULL,
                PRIMARY KEY (stream, part)
            ) STRICT;

            CREATE TABLE insights (
                seq     INTEGER PRIMARY KEY,
                committed_at INTEGER NOT NULL,     -- microseconds since 1970
                boot_id TEXT NOT NULL,
                kind    TEXT NOT NULL,
                stream  TEXT NOT NULL,
                payload BLOB NOT NULL              -- JSON as published
            ) STRICT;

            -- Insights that nobody has acknowledged; the payload stands in insights.
            CREATE TABLE outbox (
                seq INTEGER PRIMARY KEY
            ) STRICT;
            """)
}
