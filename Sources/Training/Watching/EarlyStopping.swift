import SedgeCore

/// Ends a run that has stopped becoming better on data that it does not learn from (Prechelt, 1998).
struct EarlyStopping: Sendable, Equatable {
    /// Looks without a better one after which it stops; 0: never.
    let patience: Int
    private(set) var best: Look?
    private var looksSince = 0

    struct Look: Sendable, Equatable {
        var step: Int
        /// Smaller is better.
        var value: Double
    }

    init(patience: Int) { self.patience = patience }

    var hasStopped: Bool { patience > 0 && looksSince >= patience }

    /// Whether this look is the best so far. One that is not a number never is.
    mutating func observe(_ value: Double, step: Int) -> Bool {
        guard value < best?.value ?? .infinity else {
            looksSince += 1
            return false
        }
        best = Look(step: step, value: value)
        looksSince = 0
        return true
    }

    func save(to writer: inout SnapshotWriter) {
        writer.write(best != nil)
        writer.write(Int64(best?.step ?? 0))
        writer.write(best?.value ?? 0)
        writer.write(Int64(looksSince))
    }

    mutating func restore(from reader: inout SnapshotReader) throws(SnapshotError) {
        let hasBest = try reader.readBool()
        let look = Look(step: Int(try reader.read(Int64.self)), value: try reader.readDouble())
        best = hasBest ? look : nil
        looksSince = Int(try reader.read(Int64.self))
        guard look.value.isFinite, look.step >= 0, looksSince >= 0 else {
            throw .impossible("best look at step \(look.step), \(looksSince) looks ago")
        }
    }
}
