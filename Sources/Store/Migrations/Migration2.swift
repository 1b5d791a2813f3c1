extension Migration {
    /// What the node was sent from afar: configurations, models, and every message that it accepted or refused.
    static let version2 = Migration(
        version: 2,
        sql: """
            CREATE TABLE configurations (
                id          INTEGER PRIMARY KEY,
                target      TEXT NOT NULL,
                version     INTEGER NOT NULL,
                digest      TEXT NOT NULL,
                header      TEXT NOT NULL,             -- JSON: all of the envelope but payload and signature
                payload     BLOB NOT NULL,             -- as it was signed
                state       TEXT NOT NULL,
                reason      TEXT,
                attempts    INTEGER NOT NULL,
                received_at INTEGER NOT NULL,          -- microseconds since 1970
                changed_at  INTEGER NOT NULL,          -- microseconds since 1970
                UNIQUE (target, version)
            ) STRICT;

            CREATE TABLE models (
                id          INTEGER PRIMARY KEY,
                target      TEXT NOT NULL,
                version     INTEGER NOT NULL,
                digest      TEXT NOT NULL,
                header      TEXT NOT NULL,
                payload     BLOB NOT NULL,             -- a list of parts, or empty: bundles are files
                state       TEXT NOT NULL,
                reason      TEXT,
                attempts    INTEGER NOT NULL,
                received_at INTEGER NOT NULL,
                changed_at  INTEGER NOT NULL,
                UNIQUE (target, version)
            ) STRICT;

            CREATE TABLE audit (
                id       INTEGER PRIMARY KEY,
                at       INTEGER NOT NULL,             -- microseconds since 1970
                subject  TEXT NOT NULL,                -- config, model or keys
                target   TEXT NOT NULL,
                version  INTEGER,                      -- NULL: it could not be read
                digest   TEXT,
                key      TEXT,
                accepted INTEGER NOT NULL,
                reason   TEXT NOT NULL
            ) STRICT;
            """)
}
