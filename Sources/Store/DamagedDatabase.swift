import SedgeCore

/// Puts a database that can not be used out of the way, for whoever wants to look into it.
enum DamagedDatabase {
    /// Older ones are deleted: a flash that fails must not fill up with copies.
    static let kept = 3
    /// What SQLite keeps beside a database.
    private static let companions = ["-wal", "-shm", "-journal"]

    /// Renames the database with its `-wal`, `-shm` and `-journal`; returns the new path.
    static func moveAside(_ path: String, now: Timestamp) throws(StoreError) -> String {
        let target = "\(path).damaged-\(now.milliseconds)"
        try FileSystem.move(path, to: target)
        for suffix in companions where try FileSystem.exists(path + suffix) {
            try FileSystem.move(path + suffix, to: target + suffix)
        }
        try FileSystem.syncFolder(of: path)
        removeOld(of: path, butNot: now.milliseconds)
        return target
    }

    /// - Parameter new: never one of the old ones, though a clock that is behind makes its name the lowest.
    private static func removeOld(of path: String, butNot new: Int64) {
        let folder = FilePath.folder(of: path)
        let prefix = (path.split(separator: "/").last.map(String.init) ?? path) + ".damaged-"
        let times = FileSystem.names(in: folder)
            .filter { $0.hasPrefix(prefix) }
            .compactMap { Int64($0.dropFirst(prefix.count)) }
        for time in times.sorted().filter({ $0 != new }).dropLast(kept - 1) {
            for suffix in [""] + companions { FileSystem.remove("\(folder)/\(prefix)\(time)\(suffix)") }
        }
    }
}
