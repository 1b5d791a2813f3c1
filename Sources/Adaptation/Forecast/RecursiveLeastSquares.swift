import SedgeCore

/// Linear regression of several targets on one input, updated sample by sample (Plackett, 1950).
///
/// Its weights are those of ridge regression in which a sample counts 1/e after `memory` others. The ridge itself is
/// not forgotten: at every step one weight in turn gets back what all of them lost, so that the inverse covariance
/// stays bounded in whatever directions nothing new comes from (a constant, say), and a next sample never counts for
/// everything.
struct RecursiveLeastSquares: Sendable, Equatable {
    let dimension: Int
    let targets: Int
    let ridge: Double
    private let forgetting: Double
    private(set) var count = 0
    private var weights: [Double]  // (targets, dimension)
    private var inverse: [Double]  // (dimension, dimension), symmetric
    private var gain: [Double]  // (dimension); free between calls
    private var kept: [Double]  // (dimension); free between calls

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
        gain = Array(repeating: 0, count: dimension)
        kept = gain
        restart()
    }

    /// The weights stay, but how sure they are is unknown.
    private mutating func restart() {
        for index in inverse.indices { inverse[index] = 0 }
        for index in 0..<dimension { inverse[index * dimension + index] = 1 / ridge }
    }

    /// - Parameter input: at least `dimension` values.
    func predict(_ input: UnsafePointer<Double>, target: Int) -> Double {
        var sum = 0.0
        for index in 0..<dimension { sum += weights[target * dimension + index] * input[index] }
        return sum
    }

    /// Learns one sample; what is not finite is left out.
    mutating func observe(_ input: UnsafePointer<Double>, _ values: UnsafePointer<Double>) {
        for target in 0..<targets where !values[target].isFinite { return }
        for index in 0..<dimension where !input[index].isFinite { return }
        multiply(input)
        var power = 0.0
        for index in 0..<dimension { power += gain[index] * input[index] }
        // Negative by rounding alone, and nothing would mend that.
        guard power.isFinite, power >= 0 else { return restart() }
        let spread = forgetting + power
        for target in 0..<targets {
            move(target, by: (values[target] - predict(input, target: target)) / spread, along: gain)
        }
        let narrowing = (1 / spread).squareRoot()
        for index in 0..<dimension { gain[index] *= narrowing }
        // The row of the weight whose ridge comes back now.
        let place = count % dimension
        for index in 0..<dimension {
            kept[index] = (inverse[place * dimension + index] - gain[place] * gain[index]) / forgetting
        }
        guard kept[place] >= 0 else { return restart() }
        let returned = ridge * (1 - forgetting) * Double(dimension)
        let share = returned / (1 + returned * kept[place])
        for target in 0..<targets { move(target, by: -weights[target * dimension + place] * share, along: kept) }
        let holding = share.squareRoot()
        for index in 0..<dimension { kept[index] *= holding }
        narrow()
        count += 1
    }

    /// `gain` = inverse · input, by rows: the inverse is symmetric.
    private mutating func multiply(_ input: UnsafePointer<Double>) {
        let size = dimension
        inverse.withUnsafeBufferPointer { inverse in
            gain.withUnsafeMutableBufferPointer { gain in
                for index in 0..<size { gain[index] = 0 }
                for row in 0..<size {
                    let (start, factor) = (inverse.baseAddress! + row * size, input[row])
                    for column in 0..<size { gain[column] += factor * start[column] }
                }
            }
        }
    }

    private mutating func move(_ target: Int, by amount: Double, along direction: [Double]) {
        for index in 0..<dimension {
            let moved = weights[target * dimension + index] + amount * direction[index]
            weights[target * dimension + index] = min(Self.weightLimit, max(-Self.weightLimit, moved))
        }
    }

    /// inverse = (inverse − gain · gainᵀ) / forgetting − kept · keptᵀ, from factors that make (row, column) and
    /// (column, row) the same to the last bit: what they differ by would grow at every step.
    private mutating func narrow() {
        let (size, scale) = (dimension, 1 / forgetting)
        inverse.withUnsafeMutableBufferPointer { inverse in
            gain.withUnsafeBufferPointer { gain in
                kept.withUnsafeBufferPointer { kept in
                    for row in 0..<size {
                        let start = inverse.baseAddress! + row * size
                        let (learned, held) = (gain[row], kept[row])
                        for column in 0..<size {
                            start[column] = (start[column] - learned * gain[column]) * scale - held * kept[column]
                        }
                    }
                }
            }
        }
    }

    /// Weights of one target.
    func weights(of target: Int) -> [Double] { Array(weights[target * dimension..<(target + 1) * dimension]) }

    /// Half of the inverse, in single precision: `read` allows for what is rounded away.
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
            // No rounding of single values makes a matrix negative whose diagonal is wider by that much.
            inverse[row * dimension + row] *= 1 + Double(dimension) * 0x1p-24
        }
        guard weights.allSatisfy({ abs($0) <= Self.weightLimit }) else {
            throw .impossible("a weight of a forecast out of range")
        }
        count = try reader.readInteger("samples of a forecast", in: 0...Int.max)
    }
}
