extension Migration {
    /// Refusals that are counted and not listed, and messages that wait for their time.
    static let version5 = Migration(
        version: 5,
        sql: """
            ALTER TABLE audit ADD COLUMN count INTEGER NOT NULL DEFAULT 1;  -- messages that the row stands for
            ALTER TABLE audit ADD COLUMN since INTEGER;  -- of the first, microseconds since 1970; NULL: there is one

            CREATE TABLE postponed (
                subject  TEXT NOT NULL,             -- config, model or keys
                target   TEXT NOT NULL,
                envelope BLOB NOT NULL,             -- as it came, signature and all
                PRIMARY KEY (subject, target)
            ) STRICT;
            """)
}
