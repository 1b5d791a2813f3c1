extension Migration {
    /// What tier 2 trains on: a bounded number of short pieces of each stream.
    static let version4 = Migration(
        version: 4,
        sql: """
            CREATE TABLE replay (
                stream   TEXT NOT NULL,
                slot     INTEGER NOT NULL,         -- place in the stream's store; a new piece takes an old one's
                model    TEXT NOT NULL,            -- whose activations they are
                coverage TEXT NOT NULL,            -- what the piece is an example of
                seen     INTEGER NOT NULL,         -- pieces of that kind that had come until this one
                data     BLOB NOT NULL,            -- a sealed snapshot
                PRIMARY KEY (stream, slot)
            ) STRICT;
            """)
}
