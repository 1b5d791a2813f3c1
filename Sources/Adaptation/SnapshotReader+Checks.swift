import SedgeCore

extension SnapshotReader {
    /// A number that must be finite and in range; a statistic outside its range would poison every later step.
    mutating func readFinite(
        _ name: String, in range: ClosedRange<Double> = -Double.greatestFiniteMagnitude...Double.greatestFiniteMagnitude
    ) throws(SnapshotError) -> Double {
        let value = try readDouble()
        guard value.isFinite, range.contains(value) else {
            throw .impossible("\(name) is \(value), expected \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    /// `count` numbers that must all be finite.
    mutating func readFiniteFloats(_ name: String, count: Int) throws(SnapshotError) -> [Float] {
        let values = try readFloats(count: count)
        guard let bad = values.first(where: { !$0.isFinite }) else { return values }
        throw .impossible("\(name) holds \(bad), expected finite numbers")
    }

    /// An integer that must lie in range.
    mutating func readInteger(_ name: String, in range: ClosedRange<Int>) throws(SnapshotError) -> Int {
        let value = try read(Int64.self)
        guard let found = Int(exactly: value), range.contains(found) else {
            throw .impossible("\(name) is \(value), expected \(range.lowerBound) to \(range.upperBound)")
        }
        return found
    }
}
