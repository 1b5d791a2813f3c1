import Learning
import Training

/// A network and a run that a debug build trains in a second.
enum Tiny {
    static func configuration(seed: UInt64 = 5, steps: Int = 8) -> PretrainingConfiguration {
        var configuration = PretrainingConfiguration()
        configuration.shape = NetworkShape(patch: 8, channels: 8, blocks: 3, embedding: 8)
        configuration.seed = seed
        configuration.steps = steps
        configuration.rows = 1024
        configuration.targets = PretextTargets(history: 8, future: 4, horizons: [8])
        return configuration
    }

    static let gemm = BLASMatrixMultiply(threads: 1)

    /// Values of every parameter, in order.
    static func weights(_ run: PretrainingRun) -> [[Float]] {
        var network = run.network
        var result: [[Float]] = []
        network.forEachParameter { result.append($0.value) }
        network.forEachNormalization { result.append($0.runningMean + $0.runningVariance) }
        return result
    }
}
