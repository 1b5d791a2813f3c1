/// |x − mean| / deviation by exponentially weighted moments of the samples before; plain averages over all so far until
/// there are `memory` of them. Not robust on purpose: an outlier raises the deviation, and with it the next score sinks.
struct SlowStandardiser: Sendable {
    let memory: Double
    private var count = 0.0
    private var mean = 0.0
    private var variance = 0.0

    init(memory: Double = 20_000) { self.memory = memory }

    /// 0 for what is missing, and while there is no deviation.
    mutating func magnitude(_ value: Double) -> Double {
        guard value.isFinite, abs(value) < 1e150 else { return 0 }
        let difference = value - mean
        let magnitude = count > 1 && variance > 0 ? min(1000, abs(difference) / variance.squareRoot()) : 0
        count += 1
        let rate = max(1 / memory, 1 / count)
        mean += rate * difference
        variance = (1 - rate) * (variance + rate * difference * difference)
        return magnitude
    }
}
