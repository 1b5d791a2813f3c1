import Learning
import SedgeCore
import Testing

@testable import Training

struct WatchingTests {
    @Test func aRunThatBecomesWorseEndsAndKeepsItsBestWeights() throws {
        var configuration = Tiny.configuration(steps: 100)
        (configuration.watchEvery, configuration.patience) = (1, 2)
        var run = PretrainingRun(configuration)
        var best: [[Float]] = []
        for value in [3.0, 2.0, 2.5, 2.2] where !run.isFinished {
            _ = run.advance(using: Tiny.gemm)
            #expect(run.isWatchDue)
            run.observe(value)
            if value == 2.0 { best = Tiny.weights(run) }
        }
        #expect(run.isFinished && run.stoppedEarly && run.step == 4 && run.bestStep == 2)
        // The same after a checkpoint.
        var resumed = try PretrainingRun(snapshot: run.snapshot())
        for var run in [run, resumed] {
            #expect(Tiny.weights(run) != best)
            run.takeBest()
            #expect(Tiny.weights(run) == best)
        }
        #expect(resumed.stoppedEarly)
        resumed.takeBest()
        #expect(Tiny.weights(resumed) == best)
    }

    @Test func aLookThatIsNoNumberIsNoBetterOne() {
        var stopping = EarlyStopping(patience: 2)
        let isBest = [1.0, .nan, 1].enumerated().map { stopping.observe($1, step: 1 + $0) }
        #expect(isBest == [true, false, false])
        #expect(stopping.hasStopped && stopping.best?.step == 1)
    }

    @Test func labelsDecideWhereThereAreSomeAndNothingSavesACollapse() {
        let row = HeldOutReport.Row(model: 1, lastValue: 1, mean: 1)
        var report = HeldOutReport(
            loss: 0.5, masked: row, near: row, far: row, effectiveRank: 20, dimensions: 32, geometry: nil)
        #expect(report.verdict(probe: nil) == 0.5)
        #expect(report.verdict(probe: 0.75) == 0.25)
        report.effectiveRank = 1.2
        #expect(report.verdict(probe: nil).isNaN && report.verdict(probe: 1).isNaN)
    }

    @Test func whereNothingIsLostNothingIsGained() {
        #expect(HeldOutReport.Row(model: 0.25, lastValue: 1, mean: 0.5).gain == 0.5)
        #expect(HeldOutReport.Row(model: 0, lastValue: 0, mean: 0).gain == 0)
        #expect(HeldOutReport.Row(model: 1, lastValue: 0, mean: 1).gain == 0)
    }

    /// Two classes that differ by how fast they swing; an untrained encoder tells them apart.
    @Test func theProbeReadsClassesFromSeriesThatWereKept() throws {
        let series = try (0..<40).map { index in
            let period = index % 2 == 0 ? 9.0 : 40.0
            let values = (0..<400).map { Double(($0 * 37 + index * 11) % Int(period * 10)) / (period * 10) }
            return try TrainingSeries(
                [values], classes: Array(repeating: Int32(index % 2), count: 400), name: "\(index)", shortest: 200)
        }
        let data = try TrainingData(series, classes: ["quick", "slow"], shortest: 200)
        #expect(!data.heldOut.isEmpty)
        // Of series that are short every tenth is kept, and those are all of one class here.
        #expect(LabelProbe(data, recipe: Tiny.configuration().recipe) == nil)
        let other = try TrainingData(series.shuffledBy(7), classes: ["quick", "slow"], shortest: 200)
        let probe = try #require(LabelProbe(other, recipe: Tiny.configuration().recipe))
        let accuracy = probe.accuracy(of: PretrainingRun(Tiny.configuration()).network, using: Tiny.gemm)
        #expect(accuracy > 0.8)
    }

    @Test func aClassWithOneRowIsRefused() throws {
        let values = (0..<400).map { Double($0 % 13) }
        var classes = [Int32](repeating: 0, count: 400)
        classes[7] = 1
        let series = try TrainingSeries([values], classes: classes, name: "a", shortest: 200)
        let error = #expect(throws: TrainingError.self) {
            try TrainingData([series], classes: ["idle", "jam"], shortest: 200)
        }
        #expect(error?.description == "class \"jam\": found 1 labelled row, expected at least 2")
        let alike = try TrainingSeries(
            [values], classes: Array(repeating: 0, count: 400), name: "a", shortest: 200)
        let single = #expect(throws: TrainingError.self) {
            try TrainingData([alike], classes: ["idle"], shortest: 200)
        }
        #expect(single?.description == "found one class of labels, \"idle\", expected at least two")
    }

    @Test func scalesAreMedianAndMedianDistance() throws {
        let series = try TrainingSeries(
            [(0..<401).map { Double($0 % 5) }, (0..<401).map { 10 * Double($0 % 5) }], name: "a", shortest: 200)
        let data = try TrainingData([series], shortest: 200)
        let scales = data.scales(inputs: 2)
        #expect(scales.map(\.level) == [2, 20])
        #expect(abs(scales[0].scale - 1.4826) < 1e-9 && abs(scales[1].scale - 14.826) < 1e-9)
    }

    /// Half of the values lie further from the others than a number can tell.
    @Test func aScaleThatOverflowsIsOne() throws {
        let ends = [Double.greatestFiniteMagnitude, -Double.greatestFiniteMagnitude]
        let series = try TrainingSeries([(0..<401).map { ends[$0 % 2] }], name: "a", shortest: 200)
        #expect(try TrainingData([series], shortest: 200).scales(inputs: 1).map(\.scale) == [1])
    }

    @Test func aSeriesIsWatchedWhereAnyOfItsChannelsMovesAtTheEnd() throws {
        let still = (0..<900).map { $0 < 400 ? Double($0 % 5) : 0 }
        let moving = (0..<900).map { Double($0 % 7) }
        let series = try TrainingSeries([still, moving], name: "a", shortest: 200)
        #expect(try TrainingData([series], shortest: 200).heldOut.map(\.count) == [200])
    }

    @Test(arguments: [1.25, 100]) func aSearchBeginsWithTheBaseAndDrawsPossibleOnes(scale: Double) {
        var base = Tiny.configuration()
        base.recipe.augmentation.scale = scale
        let draw = ConfigurationDraw(base)
        #expect(draw.configuration(0) == base)
        for number in 1..<20 {
            let drawn = draw.configuration(number)
            #expect(drawn != base && drawn == draw.configuration(number))
            #expect(drawn.recipe.isPossible && drawn.peakRate > 0)
            for (_, weight) in PretextTasks.names {
                #expect((drawn.tasks[keyPath: weight] > 0) == (base.tasks[keyPath: weight] > 0))
            }
        }
    }
}

extension Array {
    /// Every n-th first, then the others: another order, the same every time.
    fileprivate func shuffledBy(_ n: Int) -> [Element] {
        indices.sorted { ($0 % n, $0) < ($1 % n, $1) }.map { self[$0] }
    }
}
