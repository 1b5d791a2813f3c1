import Learning
import SedgeCore
import Training

/// `--search`: short runs of several configurations, and the one whose embeddings tell most.
///
/// Losses of unlike mixes of tasks can not be compared; a linear reader can: of the labels where there are some, else of
/// the families of generated signals.
struct ConfigurationSearch {
    private let base: PretrainingConfiguration
    private let count: Int
    private let seconds: Double
    private let data: TrainingData

    /// - Parameter seconds: for all of them together.
    init(_ base: PretrainingConfiguration, count: Int, seconds: Double, data: TrainingData) {
        (self.base, self.count, self.seconds, self.data) = (base, count, seconds, data)
    }

    /// A line of `search.jsonl`.
    private struct Trial: Encodable {
        var trial: Int
        /// Accuracy of the reader, 0 to 1.
        var probe: Double
        var configuration: PretrainingConfiguration
    }

    /// The base's steps with the best trial's rate, weights and views. An interruption ends the search with the best so
    /// far.
    func best(log folder: RunFolder, using gemm: BLASMatrixMultiply) throws -> PretrainingConfiguration {
        var trials: [Trial] = []
        let draw = ConfigurationDraw(base)
        let deadline = SystemTime.monotonicNanoseconds() + Int64(seconds * 1e9)
        for number in 0..<count {
            let left = Double(deadline - SystemTime.monotonicNanoseconds()) * 1e-9
            guard left > 0, !Interruption.isRequested || trials.isEmpty else { break }
            var configuration = draw.configuration(number)
            configuration.steps = TrainingSpeed.steps(
                in: 0.8 * left / Double(count - number), configuration, data, gemm)
            configuration.patience = 0
            let score = train(configuration, gemm)
            configuration.steps = base.steps
            configuration.patience = base.patience
            trials.append(Trial(trial: number, probe: score, configuration: configuration))
            try folder.save(search: trials.map { String(decoding: PayloadJSON.encode($0), as: UTF8.self) })
            Terminal.writeOutput("trial \(number + 1) of \(count): probe \(score.shown)\n")
        }
        if trials.count < count {
            Terminal.writeError("sedge: time for \(trials.count) of \(count) trials; --minutes gives more\n")
        }
        let best = trials.max { $0.probe < $1.probe }
        if let best { Terminal.writeOutput("best: trial \(best.trial + 1), probe \(best.probe.shown)\n") }
        return best?.configuration ?? base
    }

    private func train(_ configuration: PretrainingConfiguration, _ gemm: BLASMatrixMultiply) -> Double {
        var run = PretrainingRun(configuration, data: data)
        var progress = ProgressReport(
            total: configuration.steps, now: SystemTime.monotonicNanoseconds(), interval: 500_000_000)
        while !run.isFinished, !Interruption.isRequested {
            let loss = run.advance(using: gemm).loss.total
            // A rate that is too high is a finding and no failure.
            guard loss.isFinite else { return 0 }
            progress.update(done: run.step, now: SystemTime.monotonicNanoseconds(), note: "trial, loss \(loss.shown)")
        }
        progress.finish()
        if let probe = LabelProbe(data, recipe: configuration.recipe) {
            return probe.accuracy(of: run.network, using: gemm)
        }
        let probe = GeneratedProbe(configuration.shape, seed: HeldOutSeed.watching(configuration.seed))
        var network = run.network
        let embed = { (batch: PretextBatch) in
            network.forward(batch.patches, lanes: batch.lanes, .inference, using: gemm)
        }
        let right = probe.rightAnswers(probe.reader(using: gemm, embed: embed), using: gemm, embed: embed)
        return Double(right.count { $0 }) / Double(max(1, right.count))
    }
}
