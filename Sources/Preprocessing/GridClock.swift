import SedgeCore

/// The times of a uniform grid in whole microseconds, without drift at any rate: Bresenham's remainder, no floats.
struct GridClock: Sendable {
    private let whole: Int64
    /// The rest of the period, in units of 2⁻⁶² µs.
    private let fraction: Int64
    private var remainder: Int64 = 0

    private static let one: Int64 = 1 << 62

    /// The current grid point and the one after it.
    private(set) var time: Int64 = 0
    private(set) var next: Int64 = 0
    /// The current bin: the times nearer to this grid point than to another; `end` excluded.
    private(set) var start: Int64 = 0
    private(set) var end: Int64 = 0

    init(rateHz: Double) {
        let period = 1e6 / rateHz
        whole = Int64(period)
        fraction = Int64((period - Double(whole)) * 0x1p62)
    }

    mutating func anchor(at time: Int64) {
        remainder = 0
        self.time = time
        next = time
        stepNext()
        start = time - (next - time) / 2
        end = time + (next - time + 1) / 2
    }

    mutating func advance() {
        time = next
        start = end
        stepNext()
        end = time + (next - time + 1) / 2
    }

    private mutating func stepNext() {
        next += whole
        remainder += fraction
        if remainder >= Self.one {
            remainder -= Self.one
            next += 1
        }
    }

    func snapshot(into writer: inout SnapshotWriter) {
        for value in [remainder, time, next, start, end] { writer.write(value) }
    }

    mutating func restore(from reader: inout SnapshotReader) throws(SnapshotError) {
        remainder = try reader.read(Int64.self)
        time = try reader.read(Int64.self)
        next = try reader.read(Int64.self)
        start = try reader.read(Int64.self)
        end = try reader.read(Int64.self)
        let isOrdered = start <= time && time < end && end <= next
        let isEmpty = time == 0 && next == 0
        guard (0..<Self.one).contains(remainder), isOrdered || isEmpty, start > -(2 << 60), next < 2 << 60 else {
            throw .impossible("grid \(start), \(time), \(end), \(next)")
        }
    }
}
