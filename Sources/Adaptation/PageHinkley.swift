import SedgeCore

/// Page–Hinkley drift test (Page, 1954), one-sided: fires when the mean of a series has fallen.
///
/// It sums up how far values lie below their mean so far, less a tolerance; the sum's rise above its minimum is the
/// evidence. A fall by Δ in a series without noise fires after threshold / (Δ − tolerance) values.
struct PageHinkley: Sendable, Equatable {
    /// A fall this small is none.
    let tolerance: Double
    /// Evidence that fires.
    let threshold: Double
    private(set) var count = 0
    private(set) var mean = 0.0
    private var sum = 0.0
    private var least = 0.0
    /// Values since the evidence was last at its minimum: where the fall is likely to have begun.
    private(set) var age = 0

    init(tolerance: Double, threshold: Double) {
        self.tolerance = tolerance
        self.threshold = threshold
    }

    /// Whether the mean has fallen. The caller resets it then.
    mutating func observe(_ value: Double) -> Bool {
        // The mean before this value: it must not vouch for itself.
        let expected = count == 0 ? value : mean
        count += 1
        mean += (value - mean) / Double(count)
        sum += expected - value - tolerance
        age += 1
        if sum < least {
            least = sum
            age = 0
        }
        return sum - least > threshold
    }

    mutating func reset() { self = PageHinkley(tolerance: tolerance, threshold: threshold) }

    func write(to writer: inout SnapshotWriter) {
        writer.write(Int64(count))
        writer.write(mean)
        writer.write(sum)
        writer.write(least)
        writer.write(Int64(age))
    }

    mutating func read(from reader: inout SnapshotReader) throws(SnapshotError) {
        count = try reader.readInteger("count of values", in: 0...Int.max)
        mean = try reader.readFinite("mean")
        sum = try reader.readFinite("sum")
        least = try reader.readFinite("least sum", in: -Double.greatestFiniteMagnitude...0)
        age = try reader.readInteger("age of the minimum", in: 0...Int.max)
    }
}
