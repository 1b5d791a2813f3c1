/// What lies at a database's path, for somebody who only looks: no lock is taken and nothing is written.
package enum StoreInspection: Sendable, Equatable {
    case absent
    /// One of ours, of this schema; 0 is an empty one.
    case sound(schema: Int)
    /// A write was cut off, and only a writer can undo it; not looked into.
    case interrupted
    case damaged(reason: String)
}

extension Store {
    /// Looks at a database that nobody has open. Throws when it can not be read, is somebody else's, or newer.
    package static func inspect(_ path: String) throws(StoreError) -> StoreInspection {
        guard try FileSystem.size("\(path)-journal") == 0 else { return .interrupted }
        return switch try DatabaseInspection(path: path, newest: SchemaMigrator.sedge.newest) {
        case .absent: .absent
        case .sound(let version): .sound(schema: version)
        case .damaged(let reason): .damaged(reason: reason)
        }
    }
}
