import ArgumentParser
import Learning
import SedgeCore
import TestSupport
import Testing

@testable import Training
@testable import sedge

@Suite struct TrainTests {
    private func message(_ options: [String]) -> String {
        let error = #expect(throws: (any Error).self) {
            try Sedge.parseAsRoot(["train", "--out", "a.safetensors"] + options)
        }
        return error.map(Sedge.message(for:)) ?? ""
    }

    @Test(arguments: [
        (["--steps", "0"], "--steps is 0, expected 1 to 10000000"),
        (["--steps", "5", "--minutes", "1"], "--steps and --minutes exclude each other"),
        (["--search", "4"], "--search needs --minutes, its time"),
        (["--search", "1", "--minutes", "5"], "--search is 1, expected 2 to 1000"),
        (["--task", "guess=1"], "found no task 'guess', there are mask, forecast,"),
        (["--task", "mask"], "--task is 'mask', expected name=number"),
        (["--task", "mask=-1"], "--task mask is -1.0, expected a weight above 0 and at most 1000"),
        (["--augment", "blur=1"], "found no augmentation 'blur', there are scale, jitter,"),
        (["--augment", "drop-share=2"], "--augment drop-share is 2.0, which is out of its range"),
        (["--peak-rate", "0"], "--peak-rate is 0.0, expected a number above 0 and at most 1"),
        (["--data", "a.csv"], "--data and --data-licence need each other"),
        (["--labels", "kind"], "--labels, --rate, --table and --generated-share need --data"),
        (["--mode", "joint"], "--mode joint and --normalisation fixed need --data"),
        (["--rate", "0", "--data", "a", "--data-licence", "MIT"], "--rate is 0.0, expected"),
        (["--resume", "--steps", "5"], "--resume goes on as the run began"),
        (["--resume", "--task", "mask=1"], "--resume goes on as the run began"),
        (["--checkpoint-every", "0"], "--checkpoint-every is 0, expected 1 to 10000000"),
        (["--threads", "0"], "--threads is 0, expected 1 to 256"),
        (["--name", "a b"], "bundle is called 'a b' '1.0.0', expected 1 to 64 of A-Z a-z 0-9 . _ - in each"),
    ])
    func refusesWithASentence(options: [String], expected: String) {
        #expect(message(options).hasPrefix(expected))
    }

    @Test func aFolderIsNoBundleToWrite() throws {
        let folder = TemporaryFolder()
        let command = try TrainCommand.parse(
            ["--out", folder.path, "--steps", "1", "--rows", "1024", "--run-folder", folder.file("run")])
        let refused = Failure(.io, "cannot write \(folder.path): it is a folder")
        #expect(throws: refused) { try command.run() }
    }

    @Test func tasksAndViewsAreThoseNamed() throws {
        let options = try TrainingOptions.parse(
            ["--task", "mask=0.5", "--task", "contrast=2", "--augment", "scale=1.5", "--augment", "longest-mask=9"])
        var tasks = PretextTasks()
        (tasks.mask, tasks.contrast) = (0.5, 2)
        #expect(try options.tasks() == tasks)
        var views = Augmentation()
        (views.scale, views.longestMask) = (1.5, 9)
        #expect(try options.augmentation() == views)
        #expect(try TrainingOptions.parse([]).tasks() == .standard)
    }

    private var log: TrainingLog {
        var log = TrainingLog()
        for step in 1...3 {
            var loss = PretextLoss()
            (loss.total, loss.shape) = (Double(step), 0.5)
            log.add(.init(step: step, loss: loss, rate: 0.1, gradientNorm: 2))
        }
        log.closeMeans(step: 3, rate: 0.1, stepsPerSecond: 4)
        let row = HeldOutReport.Row(model: 0.5, lastValue: 1, mean: 1)
        let report = HeldOutReport(
            loss: 0.7, masked: row, near: row, far: row, effectiveRank: 6, dimensions: 8, geometry: nil)
        #expect(log.add(report, probe: 0.75, step: 3) == "held out: loss 0.7000, rank 6.0, probe 0.7500")
        return log
    }

    @Test func theLogKeepsMeansAndLooks() {
        let log = log
        #expect(log.lines.count == 2)
        #expect(log.steps.map(\.loss) == [2] && log.steps.map(\.shape) == [0.5] && log.steps.map(\.gradient) == [2])
        #expect(log.looks.map(\.probe) == [0.75] && log.looks.map(\.masked_gain) == [0.5])
        #expect(TrainingLog(log.lines).looks.count == 1)
    }

    @Test func theCurveIsAPictureOfTheLog() {
        let svg = LearningCurve(log).svg
        #expect(svg.hasPrefix("<svg") && svg.hasSuffix("</svg>\n"))
        for name in ["pretext loss", "training", "held out", "effective rank", "probe"] { #expect(svg.contains(name)) }
        #expect(!svg.contains("alignment") && !svg.contains("nan"))
        #expect(LearningCurve(TrainingLog()).svg.hasSuffix("</svg>\n"))
    }
}
