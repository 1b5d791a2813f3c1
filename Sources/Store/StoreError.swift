#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Why the store could not do what was asked, with the file it happened to.
///
/// Nothing that failed is half done: a transaction is rolled back whole.
package struct StoreError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Reason: Sendable, Equatable {
        /// No space left, or a quota is reached. Works again once there is space.
        case diskFull
        /// The file, the folder or the file system can not be written.
        case readOnly
        /// Another process has the database open.
        case locked
        /// The database's schema is newer than this program.
        case newerSchema(found: Int, supported: Int)
        /// A sound SQLite database, but not one of ours.
        case foreign
        /// What was read can not be right.
        case damaged
        /// A migration failed; the database is as it was.
        case migration(to: Int)
        /// The insights are committed and wait in the outbox, but the side file is behind, so none may be sent yet.
        case floorBehind
        /// The store is closed.
        case closed
        /// Any other failure of the operating system or of SQLite.
        case failed
    }

    package let reason: Reason
    /// SQLite's extended result code, or the negative `errno`; 0 where neither applies.
    package let code: Int32
    package let message: String
    package let path: String

    init(_ reason: Reason, code: Int32 = 0, _ message: String, path: String) {
        self.reason = reason
        self.code = code
        self.message = message
        self.path = path
    }

    /// A failed system call: `what` says what was tried.
    init(errno number: Int32, _ what: String, path: String) {
        let reason: Reason =
            switch number {
            case ENOSPC, EDQUOT, EFBIG: .diskFull
            case EROFS, EACCES, EPERM: .readOnly
            default: .failed
            }
        let text = unsafe String(cString: strerror(number))
        self.init(reason, code: -number, "\(what): \(text)", path: path)
    }

    package var description: String {
        code == 0 ? "\(path): \(message)" : "\(path): \(message) (code \(code))"
    }
}
