import Learning
import SedgeCore
import Training

/// Drives a run to its end: progress for eyes, a log, checkpoints, and held-out figures now and then.
struct TrainingSession {
    private(set) var run: PretrainingRun
    private let folder: RunFolder
    private let gemm: BLASMatrixMultiply
    private let heldOut: HeldOutEvaluation
    private var log: [String]
    private var losses = PretextLossMean()
    private let firstStep: Int

    private static let logEvery = 10
    private static let checkpointNanoseconds: Int64 = 30_000_000_000

    init(run: PretrainingRun, folder: RunFolder, resumes: Bool, gemm: BLASMatrixMultiply) {
        self.run = run
        self.folder = folder
        self.gemm = gemm
        let configuration = run.configuration
        heldOut = HeldOutEvaluation(
            configuration.recipe, seed: HeldOutSeed.watching(configuration.seed), count: 4)
        log = resumes ? folder.logLines(upTo: run.step) : []
        firstStep = run.step
    }

    /// True at the end, false when interrupted; a checkpoint is written in both cases.
    mutating func train() throws -> Bool {
        let steps = run.configuration.steps
        let began = SystemTime.monotonicNanoseconds()
        var progress = ProgressReport(total: steps, now: began, interval: 500_000_000)
        var saved = began
        while !run.isFinished, !Interruption.isRequested {
            let report = run.advance(using: gemm)
            guard report.loss.total.isFinite else {
                throw Failure(.software, "training diverged: the loss of step \(report.step) is not finite")
            }
            losses.add(report)
            let now = SystemTime.monotonicNanoseconds()
            if report.step % Self.logEvery == 0 || run.isFinished { record(losses.take(), now: now, began: began) }
            if report.step % max(1, steps / 10) == 0 || run.isFinished {
                let line = evaluate(seconds: Double(now - began) * 1e-9)
                progress.finish()
                Terminal.writeOutput("step \(report.step) of \(steps)  \(line)  \(remaining(now: now, began: began))\n")
            }
            progress.update(
                done: run.step, now: now,
                note: "loss \(report.loss.total.shown)  \(remaining(now: now, began: began))")
            if now - saved >= Self.checkpointNanoseconds {
                try folder.save(checkpoint: run.snapshot(), log: log)
                saved = now
            }
        }
        progress.finish()
        try folder.save(checkpoint: run.snapshot(), log: log)
        if run.isFinished { Terminal.writeOutput(speed(nanoseconds: SystemTime.monotonicNanoseconds() - began)) }
        return run.isFinished
    }

    private func speed(nanoseconds: Int64) -> String {
        let seconds = Double(nanoseconds) * 1e-9
        let steps = Double(run.step - firstStep)
        let products = steps * run.configuration.multiplyAddsPerStep / max(seconds, 1e-9) * 1e-9
        return "\(Int(steps)) steps in \(Int(seconds)) s, \((products * 10).rounded() / 10) G multiply-adds a second\n"
    }

    /// Time left at the speed so far, as 4:07.
    private func remaining(now: Int64, began: Int64) -> String {
        let done = run.step - firstStep
        guard done > 0, !run.isFinished else { return "" }
        let seconds = Int(Double(now - began) * 1e-9 / Double(done) * Double(run.configuration.steps - run.step))
        let rest = seconds % 60
        return "\(seconds / 60):\(rest < 10 ? "0" : "")\(rest) left"
    }

    private mutating func record(_ mean: PretextLossMean.Mean, now: Int64, began: Int64) {
        let line = StepLine(
            step: run.step, loss: mean.total, reconstruction: mean.reconstruction, near: mean.near, far: mean.far,
            regularization: mean.regularization, gradient: mean.gradient,
            rate: Double(run.configuration.schedule.rate(at: run.step - 1)),
            steps_per_s: Double(run.step - firstStep) / max(1e-9, Double(now - began) * 1e-9))
        log.append(String(decoding: PayloadJSON.encode(line), as: UTF8.self))
    }

    private mutating func evaluate(seconds: Double) -> String {
        var network = run.network
        let report = heldOut.report(objective: run.objective, using: gemm) {
            network.forward($0.patches, lanes: $0.lanes, .inference, using: gemm)
        }
        let line = HeldOutLine(
            step: run.step, held_out_masked: report.masked.model, held_out_near: report.near.model,
            held_out_far: report.far.model, masked_gain: report.masked.gain, near_gain: report.near.gain,
            far_gain: report.far.gain, effective_rank: report.effectiveRank)
        log.append(String(decoding: PayloadJSON.encode(line), as: UTF8.self))
        return "held-out masked \(report.masked.model.shown) near \(report.near.model.shown) "
            + "far \(report.far.model.shown), rank \((report.effectiveRank * 10).rounded() / 10)"
    }

    /// A line of the log: means over the last steps. Keys are the log's own.
    private struct StepLine: Encodable {
        let step: Int
        let loss, reconstruction, near, far, regularization, gradient, rate, steps_per_s: Double
    }

    private struct HeldOutLine: Encodable {
        let step: Int
        let held_out_masked, held_out_near, held_out_far, masked_gain, near_gain, far_gain, effective_rank: Double
    }
}
