import Learning
import SedgeCore
import Training

/// How many steps fit in a time, by trying some on a run that is then thrown away.
enum TrainingSpeed {
    static func steps(
        in seconds: Double, _ configuration: PretrainingConfiguration, _ data: TrainingData, _ gemm: BLASMatrixMultiply
    ) -> Int {
        var trial = PretrainingRun(configuration, data: data)
        for _ in 0..<2 { _ = trial.advance(using: gemm) }
        let began = SystemTime.monotonicNanoseconds()
        for _ in 0..<8 { _ = trial.advance(using: gemm) }
        let step = Double(SystemTime.monotonicNanoseconds() - began) * 1e-9 / 8
        return max(1, min(10_000_000, Int(seconds / step)))
    }
}
