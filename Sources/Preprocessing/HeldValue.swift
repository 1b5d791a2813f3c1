import SedgeCore

/// The last measurement of a channel, kept to stand in for a few missing ones.
struct HeldValue: Sendable, Equatable {
    private var last: Double?
    /// Missing samples since the last measurement.
    private var run = 0

    /// Whether the newest sample was missing and nothing could stand in for it.
    private(set) var isMissing = false

    init() {}

    /// What to use for `x`: itself when it is finite, else the last measurement for at most `limit` samples, else nil.
    mutating func fill(_ x: Double, limit: Int) -> Double? {
        if x.isFinite {
            last = x
            run = 0
            isMissing = false
            return x
        }
        run += 1
        isMissing = run > limit || last == nil
        if isMissing {
            // Nothing from before may come back, and the count can not overflow.
            forget()
            return nil
        }
        return last
    }

    /// After a gap the last measurement no longer stands for anything.
    mutating func forget() {
        last = nil
        run = 0
    }

    func snapshot(into writer: inout SnapshotWriter) {
        writer.write(last ?? .nan)
        writer.write(Int64(run))
        writer.write(isMissing)
    }

    mutating func restore(from reader: inout SnapshotReader) throws(SnapshotError) {
        let last = try reader.readDouble()
        let run = try reader.read(Int64.self)
        let isMissing = try reader.readBool()
        guard last.isFinite || last.isNaN, run >= 0 else { throw .impossible("held value \(last), run \(run)") }
        self.last = last.isNaN ? nil : last
        self.run = Int(run)
        self.isMissing = isMissing
    }
}
