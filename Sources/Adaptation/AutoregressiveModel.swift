import SedgeCore

/// Forecast of one channel's next sample from its last eight, by recursive least squares; the score is the squared
/// error relative to its running mean, about 1 where the channel goes on as it did.
///
/// Weights fade with `memory`. The inverse covariance has a ceiling on its trace: what never varies would let it grow
/// without end (covariance wind-up).
struct AutoregressiveModel: Sendable, Equatable {
    static let order = 8
    private static let size = order + 1
    /// Samples after which one counts 1/e.
    let memory: Double
    private var weights = [Double](repeating: 0, count: Self.size)
    private var inverse = [Double](repeating: 0, count: Self.size * Self.size)  // (size, size), symmetric
    private var gain = [Double](repeating: 0, count: Self.size)
    /// Mean squared error of what was learned.
    private var variance = 1.0
    private var count = 0.0

    /// No score is above this.
    private static let ceiling = 1e6
    /// Errors are learned up to this many times their deviation.
    private static let influence = 6.0
    private static let varianceFloor = 1e-6
    private static let greatestTrace = 1e4
    /// Samples before errors are bounded.
    private static let youth = 64.0

    init(memory: Double) {
        self.memory = memory
        for index in 0..<Self.size { inverse[index * Self.size + index] = 10 }
    }

    /// - Parameter window: samples, oldest first; the one at `index` is forecast from the eight before it.
    func score(_ window: [Float], at index: Int) -> Double {
        let error = error(window, at: index)
        return min(Self.ceiling, error * error / max(Self.varianceFloor, variance))
    }

    mutating func learn(_ window: [Float], at index: Int) {
        let error = error(window, at: index)
        var bounded = error
        if count > Self.youth {
            let limit = Self.influence * max(Self.varianceFloor, variance).squareRoot()
            bounded = max(-limit, min(limit, error))
        }
        var scale = 1.0
        for row in 0..<Self.size {
            var sum = 0.0
            for column in 0..<Self.size {
                sum += inverse[row * Self.size + column] * Self.input(window, index, column)
            }
            gain[row] = sum
        }
        for row in 0..<Self.size { scale += Self.input(window, index, row) * gain[row] }
        var trace = 0.0
        for row in 0..<Self.size { trace += inverse[row * Self.size + row] }
        let fading = trace < Self.greatestTrace ? 1 / (1 - 1 / memory) : 1
        for row in 0..<Self.size {
            weights[row] += gain[row] / scale * bounded
            for column in 0..<Self.size {
                let place = row * Self.size + column
                inverse[place] = (inverse[place] - gain[row] * gain[column] / scale) * fading
            }
        }
        count = min(count + 1, memory)
        variance += 1 / count * (bounded * bounded - variance)
    }

    private func error(_ window: [Float], at index: Int) -> Double {
        var forecast = 0.0
        for place in 0..<Self.size { forecast += weights[place] * Self.input(window, index, place) }
        return Double(window[index]) - forecast
    }

    /// The regressors: newest sample first, then 1.
    private static func input(_ window: [Float], _ index: Int, _ place: Int) -> Double {
        place < order ? Double(window[index - 1 - place]) : 1
    }

    func write(to writer: inout SnapshotWriter) {
        writer.write(weights)
        writer.write(inverse)
        writer.write(variance)
        writer.write(count)
    }

    mutating func read(from reader: inout SnapshotReader) throws(SnapshotError) {
        let weights = try reader.readDoubles(count: Self.size)
        let inverse = try reader.readDoubles(count: Self.size * Self.size)
        guard weights.allSatisfy({ abs($0) < 1e12 }), inverse.allSatisfy({ abs($0) < 1e12 }) else {
            throw .impossible("weights of a forecast out of range")
        }
        self.weights = weights
        self.inverse = inverse
        variance = try reader.readFinite("variance of a forecast", in: 0...1e12)
        count = try reader.readFinite("samples of a forecast", in: 0...memory)
    }
}
