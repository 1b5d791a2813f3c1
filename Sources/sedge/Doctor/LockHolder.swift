/// The process that has a database open, as its lock tells.
struct LockHolder: Equatable, Sendable {
    let process: Int
    /// The program's name; empty where it is not to be seen.
    let name: String

    var text: String { name.isEmpty ? "process \(process)" : "\(name) (process \(process))" }
}
