import SedgeCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// ADWIN (Bifet and Gavaldà, 2007): the longest window of recent values, each 0 to 1, whose mean did not change.
///
/// An exponential histogram: row r holds up to `perRow` buckets of 2^r values each, oldest last. Whenever two parts of
/// the window have means further apart than chance at `confidence` allows (the paper's bound with variance, theorem
/// 3.2), the oldest bucket is dropped, until no such parts are left. About 30 kB of numbers would hold the history
/// since the first computer; 20 rows are kept. Allocates nothing after `init`.
struct AdaptiveWindow: Sendable, Equatable {
    /// δ: chance of a cut where nothing changed, for each check.
    let confidence: Double
    private var counts: [Int]  // (rows)
    private var totals: [Double]  // (rows, perRow + 1)
    private var variances: [Double]  // (rows, perRow + 1), times the bucket's size
    private(set) var count = 0
    private var total = 0.0
    private var variance = 0.0  // times count

    private static let rows = 20
    private static let perRow = 5
    private static let slots = perRow + 1
    /// Shorter parts than this are not compared.
    private static let leastPart = 5.0

    init(confidence: Double) {
        self.confidence = confidence
        counts = Array(repeating: 0, count: Self.rows)
        totals = Array(repeating: 0, count: Self.rows * Self.slots)
        variances = totals
    }

    var mean: Double { count == 0 ? 0 : total / Double(count) }

    /// What a cut tells: means before and after it, and how many values are left, which lie after the change.
    struct Cut: Equatable {
        var before: Double
        var after: Double
        var remaining: Int
    }

    /// Adds a value; the cut if the mean changed.
    mutating func observe(_ value: Double) -> Cut? {
        if count > 0 {
            let difference = value - mean
            variance += difference * difference * Double(count) / Double(count + 1)
        }
        count += 1
        total += value
        insert(total: value, variance: 0, row: 0)
        compress()
        let before = mean
        var isCut = false
        while isChanged() {
            dropOldest()
            isCut = true
        }
        return isCut ? Cut(before: before, after: mean, remaining: count) : nil
    }

    mutating func reset() { self = AdaptiveWindow(confidence: confidence) }

    /// Newest first, so that the oldest is the last of its row.
    private mutating func insert(total: Double, variance: Double, row: Int) {
        let base = row * Self.slots
        for index in stride(from: counts[row], to: 0, by: -1) {
            totals[base + index] = totals[base + index - 1]
            variances[base + index] = variances[base + index - 1]
        }
        totals[base] = total
        variances[base] = variance
        counts[row] += 1
    }

    /// The two oldest buckets of a row that is over-full become one of the next row.
    private mutating func compress() {
        var row = 0
        while row < Self.rows, counts[row] > Self.perRow {
            if row == Self.rows - 1 {
                dropOldest()
                return
            }
            let (base, size) = (row * Self.slots, Double(1 << row))
            let (first, second) = (base + counts[row] - 1, base + counts[row] - 2)
            let difference = (totals[first] - totals[second]) / size
            let joined = variances[first] + variances[second] + difference * difference * size / 2
            let sum = totals[first] + totals[second]
            counts[row] -= 2
            insert(total: sum, variance: joined, row: row + 1)
            row += 1
        }
    }

    private mutating func dropOldest() {
        guard let row = (0..<Self.rows).last(where: { counts[$0] > 0 }) else { return }
        let index = row * Self.slots + counts[row] - 1
        let size = Double(1 << row)
        counts[row] -= 1
        count -= 1 << row
        total -= totals[index]
        guard count > 0 else {
            (total, variance) = (0, 0)
            return
        }
        let difference = totals[index] / size - mean
        variance -= variances[index] + difference * difference * size * Double(count) / (size + Double(count))
        variance = max(0, variance)
    }

    /// Whether any cut between buckets parts the window into two of different means.
    private func isChanged() -> Bool {
        guard Double(count) >= 2 * Self.leastPart else { return false }
        let n = Double(count)
        let logarithm = log(2 * log(n) / confidence)
        let spread = variance / n
        var (oldCount, oldTotal) = (0.0, 0.0)
        for row in stride(from: Self.rows - 1, through: 0, by: -1) {
            for index in stride(from: counts[row] - 1, through: 0, by: -1) {
                oldCount += Double(1 << row)
                oldTotal += totals[row * Self.slots + index]
                let newCount = n - oldCount
                guard newCount >= Self.leastPart else { return false }
                guard oldCount >= Self.leastPart else { continue }
                let share = 1 / oldCount + 1 / newCount
                let bound = (2 * share * spread * logarithm).squareRoot() + 2.0 / 3 * share * logarithm
                if abs(oldTotal / oldCount - (total - oldTotal) / newCount) > bound { return true }
            }
        }
        return false
    }

    func write(to writer: inout SnapshotWriter) {
        for row in 0..<Self.rows {
            writer.write(UInt32(counts[row]))
            for index in 0..<counts[row] {
                writer.write(totals[row * Self.slots + index])
                writer.write(variances[row * Self.slots + index])
            }
        }
        // The running total, whose rounding no sum over the buckets repeats.
        writer.write(total)
        writer.write(variance)
    }

    /// The count follows from the buckets, so it can not contradict them.
    mutating func read(from reader: inout SnapshotReader) throws(SnapshotError) {
        reset()
        for row in 0..<Self.rows {
            let found = Int(try reader.read(UInt32.self))
            guard found <= Self.perRow else { throw .impossible("a row of a window has \(found) buckets") }
            counts[row] = found
            for index in 0..<found {
                let size = Double(1 << row)
                totals[row * Self.slots + index] = try reader.readFinite("sum of a bucket", in: 0...size)
                variances[row * Self.slots + index] = try reader.readFinite("variance of a bucket", in: 0...size)
                count += 1 << row
            }
        }
        total = try reader.readFinite("sum of a window", in: -1e-6...Double(count) + 1e-6)
        variance = try reader.readFinite("variance of a window", in: 0...max(1, Double(count)))
    }
}
