import SedgeCore

/// Linear regression of several targets on one input, updated sample by sample (Plackett, 1950).
///
/// Without forgetting the weights are those of ridge regression over everything seen, but for rounding. With it a sample
/// counts 1/e after `memory` others; the inverse covariance never grows beyond where it began, so that a long time
/// without news (a constant, say) does not make the next sample count for everything.
struct RecursiveLeastSquares: Sendable, Equatable {
    let dimension: Int
    let targets: Int
    let ridge: Double
    private let forgetting: Double
    private(set) var count = 0
    private var weights: [Double]  // (targets, dimension)
    private var inverse: [Double]  // (dimension, dimension), symmetric
    private var gain: [Double]  // (dimension); free between calls

    /// No weight is beyond.
    private static let weightLimit = 1e6

    /// - Parameter memory: samples; infinite for none forgotten.
    init(dimension: Int, targets: Int, ridge: Double, memory: Double) {
        precondition(dimension > 0 && targets > 0 && ridge > 0 && memory > 1, "impossible regression")
        self.dimension = dimension
        self.targets = targets
        self.ridge = ridge
        forgetting = 1 - 1 / memory
        weights = Array(repeating: 0, count: targets * dimension)
        inverse = Array(repeating: 0, count: dimension * dimension)
        for index in 0..<dimension { inverse[index * dimension + index] = 1 / ridge }
        gain = Array(repeating: 0, count: dimension)
    }

    /// - Parameter input: at least `dimension` values.
    func predict(_ input: UnsafePointer<Double>, target: Int) -> Double {
        var sum = 0.0
        for index in 0..<dimension { sum += weights[target * dimension + index] * input[index] }
        return sum
    }

    /// Learns one sample; what is not finite is left out.
    mutating func observe(_ input: UnsafePointer<Double>, _ values: UnsafePointer<Double>) {
        let size = dimension
        for target in 0..<targets where !values[target].isFinite { return }
        var spread = 1.0
        inverse.withUnsafeBufferPointer { inverse in
            gain.withUnsafeMutableBufferPointer { gain in
                for row in 0..<size {
                    var sum = 0.0
                    let start = inverse.baseAddress! + row * size
                    for column in 0..<size { sum += start[column] * input[column] }
                    gain[row] = sum
                }
            }
        }
        var power = 0.0
        for index in 0..<size { power += gain[index] * input[index] }
        guard power.isFinite, power >= 0 else { return }
        // Forgetting only where the inverse would not outgrow its beginning.
        let isBounded = trace <= Double(size) / ridge * forgetting
        let forgetting = isBounded ? self.forgetting : 1
        spread = forgetting + power
        for target in 0..<targets {
            let error = (values[target] - predict(input, target: target)) / spread
            for index in 0..<size {
                let moved = weights[target * size + index] + error * gain[index]
                weights[target * size + index] = min(Self.weightLimit, max(-Self.weightLimit, moved))
            }
        }
        let scale = 1 / forgetting
        inverse.withUnsafeMutableBufferPointer { inverse in
            for row in 0..<size {
                let factor = gain[row] / spread
                let start = inverse.baseAddress! + row * size
                for column in 0..<size { start[column] = (start[column] - factor * gain[column]) * scale }
            }
        }
        count += 1
    }

    private var trace: Double {
        var sum = 0.0
        for index in 0..<dimension { sum += inverse[index * dimension + index] }
        return sum
    }

    /// Weights of one target.
    func weights(of target: Int) -> [Double] { Array(weights[target * dimension..<(target + 1) * dimension]) }

    /// Half of the inverse, in single precision: rounding there costs nothing that the next samples do not mend.
    func write(to writer: inout SnapshotWriter) {
        writer.write(weights.map { Float($0) })
        for row in 0..<dimension {
            writer.write(inverse[row * dimension...row * dimension + row].map { Float($0) })
        }
        writer.write(Int64(count))
    }

    mutating func read(from reader: inout SnapshotReader) throws(SnapshotError) {
        weights = try reader.readFiniteFloats("weights of a forecast", count: weights.count).map { Double($0) }
        for row in 0..<dimension {
            let values = try reader.readFiniteFloats("inverse covariance of a forecast", count: row + 1)
            guard values[row] >= 0, Double(values[row]) <= 1.001 * Double(dimension) / ridge else {
                throw .impossible("an inverse covariance out of range")
            }
            for (column, value) in values.enumerated() {
                inverse[row * dimension + column] = Double(value)
                inverse[column * dimension + row] = Double(value)
            }
        }
        guard weights.allSatisfy({ abs($0) <= Self.weightLimit }) else {
            throw .impossible("a weight of a forecast out of range")
        }
        count = try reader.readInteger("samples of a forecast", in: 0...Int.max)
    }
}
