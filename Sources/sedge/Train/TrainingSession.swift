import Learning
import SedgeCore
import Training

/// Drives a run to its end: progress for eyes, a log, checkpoints, and looks at what it does not learn from.
struct TrainingSession {
    private(set) var run: PretrainingRun
    private let folder: RunFolder
    private let gemm: BLASMatrixMultiply
    private let heldOut: HeldOutEvaluation
    private let probe: LabelProbe?
    private let checkpointEvery: Int?
    private var log: TrainingLog
    private let firstStep: Int
    private let began = SystemTime.monotonicNanoseconds()
    private var saved: Int64

    private static let logEvery = 10
    private static let checkpointNanoseconds: Int64 = 30_000_000_000

    /// - Parameter checkpointEvery: in steps; nil: by time.
    init(
        run: PretrainingRun, data: TrainingData, folder: RunFolder, resumes: Bool, checkpointEvery: Int?,
        gemm: BLASMatrixMultiply
    ) {
        self.run = run
        self.folder = folder
        self.gemm = gemm
        self.checkpointEvery = checkpointEvery
        heldOut = HeldOutEvaluation(
            run.configuration.recipe, seed: HeldOutSeed.watching(run.configuration.seed), count: 4,
            recordings: data.heldOut)
        probe = LabelProbe(data, recipe: run.configuration.recipe)
        log = TrainingLog(resumes ? folder.logLines(upTo: run.step) : [])
        firstStep = run.step
        saved = began
    }

    /// The run with the weights of its best look.
    var best: PretrainingRun {
        var run = run
        run.takeBest()
        return run
    }

    /// True at the end, false when interrupted; a checkpoint is written in both cases.
    mutating func train() throws -> Bool {
        let steps = run.configuration.steps
        var progress = ProgressReport(total: steps, now: began, interval: 500_000_000)
        while !run.isFinished, !Interruption.isRequested {
            let report = run.advance(using: gemm)
            guard report.loss.total.isFinite else {
                throw Failure(
                    .software,
                    "training diverged: the loss of step \(report.step) is not finite; try a smaller --peak-rate")
            }
            log.add(report)
            let now = SystemTime.monotonicNanoseconds()
            let seconds = max(1e-9, Double(now - began) * 1e-9)
            if report.step % Self.logEvery == 0 || run.isFinished {
                log.closeMeans(
                    step: run.step, rate: Double(report.rate), stepsPerSecond: Double(run.step - firstStep) / seconds)
            }
            if run.isWatchDue {
                let line = look()
                progress.finish()
                Terminal.writeOutput("step \(run.step) of \(steps)  \(line)  \(remaining(seconds))\n")
            }
            progress.update(done: run.step, now: now, note: "loss \(report.loss.total.shown)  \(remaining(seconds))")
            if isCheckpointDue(now) { try save(now) }
        }
        progress.finish()
        try save(SystemTime.monotonicNanoseconds())
        if run.isFinished { Terminal.writeOutput(summary) }
        return run.isFinished
    }

    private func isCheckpointDue(_ now: Int64) -> Bool {
        checkpointEvery.map { run.step % $0 == 0 } ?? (now - saved >= Self.checkpointNanoseconds)
    }

    private mutating func save(_ now: Int64) throws(Failure) {
        try folder.save(checkpoint: run.snapshot(), log: log.lines, curve: LearningCurve(log).svg)
        saved = now
    }

    /// Looks at what is held out; the run decides whether that was its best, and whether it goes on.
    private mutating func look() -> String {
        var network = run.network
        let report = heldOut.report(objective: run.objective, using: gemm) {
            network.forward($0.patches, lanes: $0.lanes, .inference, using: gemm)
        }
        let accuracy = probe?.accuracy(of: network, using: gemm)
        run.observe(report.verdict(probe: accuracy))
        return log.add(report, probe: accuracy, step: run.step)
    }

    private var summary: String {
        let seconds = max(1e-9, Double(SystemTime.monotonicNanoseconds() - began) * 1e-9)
        let steps = run.step - firstStep
        let products = Double(steps) * run.configuration.multiplyAddsPerStep / seconds * 1e-9
        var text = "\(steps) steps in \(Int(seconds)) s, \((products * 10).rounded() / 10) G multiply-adds a second\n"
        if run.stoppedEarly { text += "stopped early: no better look since step \(run.bestStep ?? 0)\n" }
        // Without patience the last weights are kept, whichever look was best.
        if run.configuration.patience > 0, let best = run.bestStep, best != run.step {
            text += "the weights are those of step \(best)\n"
        }
        return text
    }

    /// Time left at the speed so far, as 4:07.
    private func remaining(_ seconds: Double) -> String {
        let done = run.step - firstStep
        guard done > 0, !run.isFinished else { return "" }
        let left = Int(seconds / Double(done) * Double(run.configuration.steps - run.step))
        let rest = left % 60
        return "\(left / 60):\(rest < 10 ? "0" : "")\(rest) left"
    }
}
