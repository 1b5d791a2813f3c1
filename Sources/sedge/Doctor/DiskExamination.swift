import SedgeCore
import Store

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Looks at the database's folder and file without changing a byte, and without a lock that could be in an agent's way.
enum DiskExamination {
    static func disk(_ store: StoreConfiguration, holder: LockHolder?) -> DiskObservation {
        let folder = FilePath.folder(of: store.path)
        var observation = DiskObservation(folder: folder)
        observation.holder = holder
        observation.retentionMB = store.retentionMB
        observation.databaseBytes = size(store.path)
        var status = stat()
        guard stat(folder, &status) == 0 else {
            observation.problem = String(cString: strerror(errno))
            return observation
        }
        observation.isFolder = status.st_mode & S_IFMT == S_IFDIR
        observation.isOwn = status.st_uid == geteuid()
        observation.isWritable = access(folder, W_OK | X_OK) == 0
        var system = statvfs()
        guard statvfs(folder, &system) == 0 else {
            observation.problem = String(cString: strerror(errno))
            return observation
        }
        observation.isReadOnlyFileSystem = system.f_flag & UInt(ST_RDONLY) != 0
        let free = UInt64(system.f_bavail).multipliedReportingOverflow(by: UInt64(system.f_frsize))
        observation.freeBytes = free.overflow ? .max : Int64(clamping: free.partialValue)
        observation.freeEntries = system.f_files == 0 ? nil : Int64(clamping: UInt64(system.f_favail))
        return observation
    }

    /// Looks into the database only where nobody has it open.
    static func database(_ path: String, holder: LockHolder?) -> DatabaseObservation {
        var condition: DatabaseObservation.Condition
        if let holder {
            condition = .held(holder)
        } else {
            do {
                condition =
                    switch try Store.inspect(path) {
                    case .absent: .absent
                    case .sound(let schema): .sound(schema: schema)
                    case .interrupted: .interrupted
                    case .damaged(let reason): .damaged(reason)
                    }
            } catch {
                condition = .unusable("\(error)")
            }
            // An agent that started meanwhile may have made it look odd.
            if let holder = self.holder(of: path) { condition = .held(holder) }
        }
        return DatabaseObservation(path: path, bytes: size(path), condition: condition)
    }

    /// Who holds the lock beside the database, read from the kernel's list: taking it to try, even for a moment, could
    /// keep an agent from starting.
    static func holder(of path: String) -> LockHolder? {
        var status = stat()
        guard stat("\(path).lock", &status) == 0, let locks = try? FileBytes.read("/proc/locks", limit: 1 << 22) else {
            return nil
        }
        return holder(inode: UInt64(status.st_ino), locks: String(decoding: locks, as: UTF8.self)) { process in
            let name = try? FileBytes.read("/proc/\(process)/comm", limit: 64)
            return String(decoding: name ?? [], as: UTF8.self).filter { !$0.isNewline }
        }
    }

    /// Lines look like `1: FLOCK  ADVISORY  WRITE 812 b3:02:132 0 EOF`, one that waits like `1: -> FLOCK …`. The device
    /// is not compared: stat(2) tells another one on btrfs and overlayfs.
    static func holder(inode: UInt64, locks: String, name: (Int) -> String) -> LockHolder? {
        for line in locks.split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard fields.count >= 6, fields[1] == "FLOCK", fields[3] == "WRITE", let process = Int(fields[4]),
                process > 0, fields[5].split(separator: ":").last.flatMap({ UInt64($0) }) == inode
            else { continue }
            return LockHolder(process: process, name: name(process))
        }
        return nil
    }

    private static func size(_ path: String) -> Int64 {
        var status = stat()
        return stat(path, &status) == 0 ? Int64(status.st_size) : 0
    }
}
