import SedgeCore

/// The folder of the database and the file system under it.
struct DiskObservation: Equatable, Sendable {
    let folder: String
    /// Why the folder can not be looked at; nil: it can.
    var problem: String?
    var isFolder = true
    var isReadOnlyFileSystem = false
    var isWritable = true
    /// Whether the folder belongs to the user that looks.
    var isOwn = true
    var freeBytes: Int64 = 0
    /// Entries that the file system can still take; nil where it has no such limit.
    var freeEntries: Int64?
    var databaseBytes: Int64 = 0
    var retentionMB = 0
    var holder: LockHolder?

    init(folder: String) { self.folder = folder }

    /// Write-ahead log, side file, and room to delete in.
    private static let overhead: Int64 = 32_000_000
    /// With less, SQLite soon fails in the middle of a write.
    private static let minimum: Int64 = 10_000_000

    private var neededBytes: Int64 {
        max(0, Int64(retentionMB) * 1_000_000 - databaseBytes) + Self.overhead
    }

    var findings: [Finding] {
        func failure(_ found: String, _ advice: String) -> [Finding] {
            [.fail(.disk, folder, .io, found, advice: advice)]
        }
        if let problem { return failure(problem, "Make the folder, or correct store.path.") }
        guard isFolder else { return failure("is not a folder", "Correct store.path.") }
        if isReadOnlyFileSystem {
            return failure(
                "the file system is read-only",
                "A damaged card or disk often ends so: dmesg | tail. Else mount it with rw, or correct store.path.")
        }
        if freeEntries == 0 { return failure("the file system takes no more files", "Delete files: df -i \(folder).") }
        let free = "\(megabytesText(freeBytes)) free"
        if freeBytes < Self.minimum { return failure("the disk is full: \(free)", "Delete files: df -h \(folder).") }
        if !isWritable, holder == nil {
            guard !isOwn else {
                return failure("can not be written", "Give its owner the right: chmod u+rwx \(folder).")
            }
            return [
                .warn(
                    .disk, folder, "\(free); this user may not write here, the agent's user must",
                    advice: "Run this as the user of the agent: sudo -u sedge sedge doctor.")
            ]
        }
        if freeBytes < neededBytes {
            return [
                .warn(
                    .disk, folder,
                    "\(free), but the database may grow by \(megabytesText(neededBytes)) (store.retention_mb = \(retentionMB))",
                    advice: "Delete files, or lower store.retention_mb.")
            ]
        }
        return [.ok(.disk, folder, isWritable ? "writable, \(free)" : free)]
    }
}
