import SedgeCore

/// Mean and variance of a value, slowly forgotten: equal weights at first, exponential ones after `memory` steps.
struct RunningMoments: Sendable, Equatable {
    /// Steps after which a value counts 1/e.
    let memory: Double
    /// The least standard deviation it will believe in.
    let floor: Double
    private(set) var mean = 0.0
    private(set) var variance = 0.0
    private(set) var count = 0.0

    init(memory: Double, floor: Double) {
        self.memory = memory
        self.floor = floor
    }

    var deviation: Double { max(floor, variance.squareRoot()) }

    /// Distance from the mean in standard deviations, at most ±1000; 0 before there are two values.
    func standardised(_ value: Double) -> Double {
        guard count >= 2 else { return 0 }
        return min(1000, max(-1000, (value - mean) / deviation))
    }

    /// One value moves the mean by no more than a value six deviations away would: the ceiling that keeps a single
    /// spike from widening what is normal.
    mutating func learn(_ value: Double) {
        count = min(count + 1, memory)
        let rate = 1 / count
        var difference = value - mean
        if count > 32 {
            let limit = 6 * deviation
            difference = min(limit, max(-limit, difference))
        }
        mean += rate * difference
        variance = (1 - rate) * (variance + rate * difference * difference)
    }

    func write(to writer: inout SnapshotWriter) {
        writer.write(mean)
        writer.write(variance)
        writer.write(count)
    }

    mutating func read(from reader: inout SnapshotReader) throws(SnapshotError) {
        mean = try reader.readFinite("mean")
        variance = try reader.readFinite("variance", in: 0...Double.greatestFiniteMagnitude)
        count = try reader.readFinite("count of values", in: 0...memory)
    }
}
