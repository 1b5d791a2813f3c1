import CSQLite

/// An open SQLite database, closed when it goes. With `Statement`, the only code that sees the C library.
@safe struct SQLiteConnection: ~Copyable {
    enum Mode {
        case readWrite
        /// Writes nothing to the database; may create its `-shm`.
        case readOnly
        /// Reads the database file alone, without locks and without its `-wal`. Nobody may be writing.
        case immutable
    }

    let path: String
    private var handle: OpaquePointer?

    init(path: String, mode: Mode) throws(StoreError) {
        var name = path
        var flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
        switch mode {
        case .readWrite: flags |= SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
        case .readOnly: flags |= SQLITE_OPEN_READONLY
        case .immutable:
            flags |= SQLITE_OPEN_READONLY | SQLITE_OPEN_URI
            name = "file:\(Self.escaped(path))?immutable=1"
        }
        var opened: OpaquePointer?
        let code = unsafe sqlite3_open_v2(name, &opened, flags, nil)
        guard code == SQLITE_OK else {
            let failure = unsafe Self.error(code, opened, doing: "opening the database", path: path)
            _ = unsafe sqlite3_close_v2(opened)
            throw failure
        }
        self.path = path
        unsafe handle = opened
        // A damaged schema must not run code of its own.
        _ = unsafe sedge_sqlite_configure(handle, SQLITE_DBCONFIG_DEFENSIVE, 1)
        _ = unsafe sedge_sqlite_configure(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0)
        if mode != .readWrite {
            _ = unsafe sedge_sqlite_configure(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
        }
    }

    deinit { _ = unsafe sqlite3_close_v2(handle) }

    /// Closes early; every later call throws `closed`.
    mutating func close() {
        _ = unsafe sqlite3_close_v2(handle)
        unsafe handle = nil
    }

    /// Runs statements that return no rows, separated by semicolons.
    func execute(_ sql: String) throws(StoreError) {
        try checkOpen()
        let code = unsafe sqlite3_exec(handle, sql, nil, nil, nil)
        guard code == SQLITE_OK else { throw error(code, doing: sql) }
    }

    func prepare(_ sql: String) throws(StoreError) -> Statement {
        try checkOpen()
        var statement: OpaquePointer?
        let code = unsafe sqlite3_prepare_v2(handle, sql, -1, &statement, nil)
        guard code == SQLITE_OK, let prepared = unsafe statement else { throw error(code, doing: sql) }
        return unsafe Statement(prepared, sql: sql, path: path)
    }

    /// The first column of the first row as an integer; 0 where there is none.
    func integer(_ sql: String) throws(StoreError) -> Int64 {
        let statement = try prepare(sql)
        return try statement.step() ? statement.integer(0) : 0
    }

    /// Runs the body in a transaction that takes the write lock at once; any error rolls it back whole.
    func transaction<Result>(_ body: () throws(StoreError) -> Result) throws(StoreError) -> Result {
        try execute("BEGIN IMMEDIATE")
        do throws(StoreError) {
            let result = try body()
            try execute("COMMIT")
            return result
        } catch {
            // SQLite has rolled back by itself after some errors (full disk, I/O).
            if unsafe sqlite3_get_autocommit(handle) == 0 { try? execute("ROLLBACK") }
            throw error
        }
    }

    /// Pages written since the last call: to the WAL in WAL mode, spilled ones included.
    func takePagesWritten() -> Int {
        var current: Int32 = 0
        var highest: Int32 = 0
        let status = SQLITE_DBSTATUS_CACHE_WRITE
        guard unsafe handle != nil, unsafe sqlite3_db_status(handle, status, &current, &highest, 1) == SQLITE_OK else {
            return 0
        }
        return Int(current)
    }

    /// Copies the WAL into the database. Whether all of it.
    func checkpointLog(truncate: Bool) throws(StoreError) -> Bool {
        try checkOpen()
        var frames: Int32 = 0
        var copied: Int32 = 0
        let mode = truncate ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE
        let code = unsafe sqlite3_wal_checkpoint_v2(handle, nil, mode, &frames, &copied)
        if code & 0xFF == SQLITE_BUSY { return false }
        guard code == SQLITE_OK else { throw error(code, doing: "checkpointing the WAL") }
        return frames == copied
    }

    private func checkOpen() throws(StoreError) {
        guard unsafe handle != nil else { throw StoreError(.closed, "the store is closed", path: path) }
    }

    private func error(_ code: Int32, doing sql: String) -> StoreError {
        unsafe Self.error(code, handle, doing: sql, path: path)
    }

    private static func error(_ code: Int32, _ handle: OpaquePointer?, doing sql: String, path: String) -> StoreError {
        let message = unsafe handle.map { unsafe String(cString: sqlite3_errmsg($0)) } ?? "out of memory"
        return StoreError(sqlite: code, message, doing: sql, path: path)
    }

    /// A path as it stands in a `file:` URI.
    private static func escaped(_ path: String) -> String {
        path.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "%"): "%25"
            case UInt8(ascii: "?"): "%3f"
            case UInt8(ascii: "#"): "%23"
            default: byte < 0x80 ? String(UnicodeScalar(byte)) : "%" + String(byte, radix: 16)
            }
        }.joined()
    }
}

extension StoreError {
    init(sqlite code: Int32, _ message: String, doing sql: String, path: String) {
        let reason: Reason =
            switch code & 0xFF {
            case SQLITE_FULL: .diskFull
            case SQLITE_READONLY, SQLITE_PERM: .readOnly
            case SQLITE_BUSY, SQLITE_LOCKED: .locked
            case SQLITE_CORRUPT, SQLITE_NOTADB: .damaged
            case SQLITE_IOERR where Self.unreadable.contains(code): .damaged
            default: .failed
            }
        self.init(reason, code: code, "\(message), in \"\(Self.line(sql))\"", path: path)
    }

    /// The beginning of a statement, on one line as everything in the log is.
    private static func line(_ sql: String) -> String {
        String(sql.split(whereSeparator: \.isWhitespace).joined(separator: " ").prefix(100))
    }

    /// Bad sectors and files cut short: what is stored there is lost.
    private static let unreadable: Set<Int32> = [
        SQLITE_IOERR | (1 << 8), SQLITE_IOERR | (2 << 8), SQLITE_IOERR | (32 << 8), SQLITE_IOERR | (33 << 8),
    ]
}

/// A compiled SQL statement, finalised when it goes. Parameters count from 1, columns from 0, as in SQLite.
@safe struct Statement: ~Copyable {
    private let handle: OpaquePointer
    private let sql: String
    private let path: String

    fileprivate init(_ handle: OpaquePointer, sql: String, path: String) {
        unsafe self.handle = handle
        self.sql = sql
        self.path = path
    }

    deinit { _ = unsafe sqlite3_finalize(handle) }

    func bind(_ value: Int64, at index: Int32) throws(StoreError) {
        try check(unsafe sqlite3_bind_int64(handle, index, value))
    }

    func bind(_ value: String, at index: Int32) throws(StoreError) {
        let count = UInt64(value.utf8.count)
        try check(unsafe sedge_sqlite_bind_text(handle, index, value, count))
    }

    func bind(_ value: [UInt8], at index: Int32) throws(StoreError) {
        try check(
            unsafe value.withUnsafeBytes {
                unsafe sedge_sqlite_bind_blob(handle, index, $0.baseAddress, UInt64($0.count))
            })
    }

    /// Goes to the next row; false when there is none.
    func step() throws(StoreError) -> Bool {
        let code = unsafe sqlite3_step(handle)
        switch code {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        default: throw error(code)
        }
    }

    /// Runs to the end and makes ready for the next bindings.
    func run() throws(StoreError) {
        while try step() {}
        try check(unsafe sqlite3_reset(handle))
    }

    /// Makes ready for the next bindings, wherever it stands.
    func reset() { _ = unsafe sqlite3_reset(handle) }

    func integer(_ column: Int32) -> Int64 { unsafe sqlite3_column_int64(handle, column) }

    func text(_ column: Int32) -> String {
        let count = unsafe Int(sqlite3_column_bytes(handle, column))
        guard let start = unsafe sqlite3_column_text(handle, column) else { return "" }
        return unsafe String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    }

    /// Nil where the column is null.
    func optionalText(_ column: Int32) -> String? {
        unsafe sqlite3_column_type(handle, column) == SQLITE_NULL ? nil : text(column)
    }

    func blob(_ column: Int32) -> [UInt8] {
        guard let start = unsafe sqlite3_column_blob(handle, column) else { return [] }
        return unsafe Array(UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column))))
    }

    var columnCount: Int { unsafe Int(sqlite3_column_count(handle)) }

    func name(_ column: Int) -> String { unsafe String(cString: sqlite3_column_name(handle, Int32(column))) }

    /// A value of whatever type it has.
    func cell(_ column: Int32) -> ForeignTable.Cell {
        switch unsafe sqlite3_column_type(handle, column) {
        case SQLITE_INTEGER, SQLITE_FLOAT: .number(unsafe sqlite3_column_double(handle, column))
        case SQLITE_TEXT: .text(text(column))
        default: .missing
        }
    }

    private func check(_ code: Int32) throws(StoreError) {
        guard code == SQLITE_OK else { throw error(code) }
    }

    private func error(_ code: Int32) -> StoreError {
        let message = unsafe String(cString: sqlite3_errmsg(sqlite3_db_handle(handle)))
        return StoreError(sqlite: code, message, doing: sql, path: path)
    }
}
