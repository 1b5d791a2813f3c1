import SedgeCore

/// Steps of a stretch in which the stream was not itself, until it is known whether that was chance: a bounded sample
/// of them, evenly spread however long it lasts.
///
/// Rows are taken one in `stride`; when there is no more place, every other one goes and `stride` doubles. Where the
/// stretch was chance its rows join the histories, each for as many as it stands for, or the histories would lose just
/// those steps that are rare; where it was an anomaly they are dropped. They are given back one at a time, so that no
/// step costs more than another.
struct Excursion: Sendable, Equatable {
    let width: Int
    var rows: [Float]  // (capacity, width)
    private var count = 0
    private(set) var stride = 1
    private var seen = 0

    static let capacity = 64

    init(width: Int) {
        self.width = width
        rows = Array(repeating: 0, count: Self.capacity * width)
    }

    var isEmpty: Bool { count == 0 }

    /// Where in `rows` to write the present step; nil where it is not among those that are kept.
    mutating func place() -> Int? {
        defer { seen += 1 }
        guard seen % stride == 0 else { return nil }
        if count == Self.capacity {
            for index in 1..<(Self.capacity / 2) {
                let (source, target) = (2 * index * width, index * width)
                for offset in 0..<width { rows[target + offset] = rows[source + offset] }
            }
            count = Self.capacity / 2
            stride *= 2
            guard seen % stride == 0 else { return nil }
        }
        count += 1
        return (count - 1) * width
    }

    /// Where in `rows` the row begins that is given back now, which stands for `stride` steps.
    mutating func takeLast() -> Int? {
        guard count > 0 else { return nil }
        count -= 1
        return count * width
    }

    mutating func reset() { (count, stride, seen) = (0, 1, 0) }

    func write(to writer: inout SnapshotWriter) {
        writer.write(Array(rows[..<(count * width)]))
        writer.write(Int64(stride))
        writer.write(Int64(seen))
    }

    mutating func read(from reader: inout SnapshotReader) throws(SnapshotError) {
        let found = try reader.readFloats()
        guard found.count % width == 0, found.count <= rows.count, found.allSatisfy(\.isFinite) else {
            throw .impossible("an excursion of \(found.count) values, expected rows of \(width)")
        }
        rows.replaceSubrange(0..<found.count, with: found)
        count = found.count / width
        stride = try reader.readInteger("steps a row of an excursion stands for", in: 1...(1 << 40))
        seen = try reader.readInteger("steps of an excursion", in: 0...(1 << 60))
    }
}
