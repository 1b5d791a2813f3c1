import SedgeCore

/// Holds steps back before they are learned: a ring whose oldest row is released when a new one comes, and whose
/// rows are all dropped when an alarm starts, since the steps that led to it belong to it.
struct Quarantine: Sendable, Equatable {
    let capacity: Int
    let width: Int
    private(set) var rows: [Float]  // (capacity, width)
    private var count = 0
    private var next = 0

    init(capacity: Int, width: Int) {
        self.capacity = capacity
        self.width = width
        rows = Array(repeating: 0, count: capacity * width)
    }

    /// Where in `rows` the row begins that the next `put` will overwrite, if it has served its time.
    var due: Int? { count == capacity ? next * width : nil }

    /// Adds a row: `fill` writes its `width` values.
    mutating func put(_ fill: (inout [Float], _ offset: Int) -> Void) {
        fill(&rows, next * width)
        next = (next + 1) % capacity
        count = min(count + 1, capacity)
    }

    /// Where in `rows` the row begins that was put last.
    var newest: Int? { count > 0 ? (next + capacity - 1) % capacity * width : nil }

    mutating func drop() { count = 0 }

    func write(to writer: inout SnapshotWriter) {
        writer.write(rows)
        writer.write(Int64(count))
        writer.write(Int64(next))
    }

    mutating func read(from reader: inout SnapshotReader) throws(SnapshotError) {
        rows = try reader.readFiniteFloats("quarantined scores", count: capacity * width)
        count = try reader.readInteger("quarantined rows", in: 0...capacity)
        next = try reader.readInteger("next quarantined row", in: 0...(capacity - 1))
    }
}
