import SedgeCore

/// The database, looked at without disturbing anybody who uses it.
struct DatabaseObservation: Equatable, Sendable {
    enum Condition: Equatable, Sendable {
        /// A process has it open, so nobody else looks into it.
        case held(LockHolder)
        case absent
        /// Opened and checked.
        case sound(schema: Int)
        /// A write was cut off; whoever opens the database next undoes it.
        case interrupted
        case damaged(String)
        /// It can not be opened, or is not one of ours.
        case unusable(String)
    }

    let path: String
    let bytes: Int64
    let condition: Condition

    var findings: [Finding] {
        let size = megabytesText(bytes)
        switch condition {
        case .held(let holder):
            // The agent checked it when it started.
            return [.ok(.database, path, "in use by \(holder.text), \(size)")]
        case .absent: return [.ok(.database, path, "there is none yet; the agent begins one when it starts")]
        case .sound(schema: 0): return [.ok(.database, path, "empty; nobody has it open")]
        case .sound(let schema):
            return [.ok(.database, path, "sound, schema \(schema), \(size); nobody has it open")]
        case .interrupted:
            return [.warn(.database, path, "a write was cut off; the agent undoes it when it starts")]
        case .damaged(let reason):
            return [
                .fail(
                    .database, path, .io, "damaged (\(reason)): the agent will move it aside and start to learn anew",
                    advice: "Copy it away if its insights matter. Check the disk or card: dmesg | tail.")
            ]
        case .unusable(let reason):
            return [.fail(.database, nil, .io, reason, advice: "Correct store.path, or the file's owner and rights.")]
        }
    }
}
