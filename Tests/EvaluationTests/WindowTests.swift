import Inference
import SedgeCore
import Testing

@testable import Evaluation

/// Windows, what is read of them, and the linear model behind every probe.
@Suite struct WindowTests {
    private static let rows: [[Double]] = [
        [1, 2, 0.5], [2, 1, 1.5], [3, 5, -1], [4, 3, 2], [5, 8, 0], [7, 6, 1], [2, 2, 3], [6, 1, -2],
    ]
    private static let labels = [0, 0, 1, 2, 1, 2, 0, 1]

    /// A person whose class shows in the speed of a wave.
    private func person(_ name: String, seed: UInt64, windows: Int = 24, channels: Int = 6) throws -> LabelledWindows {
        var random = SeededRandom(seed: seed)
        let labels = (0..<windows).map { $0 % 3 }
        return try LabelledWindows(
            name: name,
            windows: labels.map { label in
                (0..<channels).map { channel in
                    let start = 20 * random.uniform()
                    return (0..<50).map { index in
                        let angle = start + Double(index) * [0.1, 0.6, 1.9][label] + Double(channel)
                        return abs(angle.truncatingRemainder(dividingBy: 4) - 2) + 0.1 * random.uniform()
                    }
                }
            }, labels: labels)
    }

    private func bundle() throws -> ModelBundle {
        try ModelBundle.random(
            architecture: TCNArchitecture(
                mode: .independent, patch: 8, channels: 8, blocks: 3, embedding: 8),
            seed: 5, preprocessing: BundlePreprocessing(normalisation: .robust, clip: 8, defaultHop: 8), name: "small")
    }

    private func reader(_ channels: EmbeddingReader.Channels, carriesState: Bool = false) throws -> EmbeddingReader {
        try EmbeddingReader(
            name: "r", kind: .agent, bundle: bundle(), kernels: KernelSet.select(nil), channels: channels,
            carriesState: carriesState)
    }

    /// scikit-learn 1.7, `Ridge(alpha=0.01 * 8)` on standardised columns with one-hot targets.
    @Test func ridgeAgreesWithScikitLearn() {
        let model = RidgeClassifier(ClassSums(Self.rows, labels: Self.labels, classes: 3))
        let expected = [[0.55264377, 0.33936363, 0.10799259], [0.00698766, 0.65023779, 0.34277455]]
        let found = [[2.5, 4, 1], [6, 2, -1]].map(model.scores)
        for (row, wanted) in zip(found, expected) {
            for (value, other) in zip(row, wanted) { #expect(abs(value - other) < 1e-8) }
        }
    }

    @Test func leavingOutIsAsGoodAsNeverAdding() {
        var all = ClassSums(Self.rows, labels: Self.labels, classes: 3)
        all -= ClassSums(Array(Self.rows[..<3]), labels: Array(Self.labels[..<3]), classes: 3)
        let left = RidgeClassifier(all)
        let never = RidgeClassifier(ClassSums(Array(Self.rows[3...]), labels: Array(Self.labels[3...]), classes: 3))
        for (a, b) in zip(left.scores([3, 3, 1]), never.scores([3, 3, 1])) { #expect(abs(a - b) < 1e-9) }
    }

    @Test func aWeightIsThatManyRows() {
        var (weighted, repeated) = (ClassSums(dimensions: 3, classes: 3), ClassSums(dimensions: 3, classes: 3))
        for (row, label) in zip(Self.rows, Self.labels) {
            weighted.add(row, label: label, weight: label == 1 ? 3 : 1)
            for _ in 0..<(label == 1 ? 3 : 1) { repeated.add(row, label: label) }
        }
        let query: [Double] = [4, 4, 0]
        for (a, b) in zip(RidgeClassifier(weighted).scores(query), RidgeClassifier(repeated).scores(query)) {
            #expect(abs(a - b) < 1e-9)
        }
    }

    @Test func aConstantFeatureSaysNothing() {
        let rows = Self.rows.map { $0 + [1e6] }
        let with = RidgeClassifier(ClassSums(rows, labels: Self.labels, classes: 3)).scores([4, 4, 0, 1e6])
        let without = RidgeClassifier(ClassSums(Self.rows, labels: Self.labels, classes: 3)).scores([4, 4, 0])
        for (a, b) in zip(with, without) { #expect(abs(a - b) < 1e-6) }
    }

    /// Turning the sensor by 90° about one axis, then about another.
    @Test func motionDoesNotDependOnHowASensorIsWorn() {
        var (frame, turned) = (MotionFrame(), MotionFrame())
        var random = SeededRandom(seed: 3)
        for _ in 0..<80 {
            let s = (0..<6).map { _ in random.uniform() - 0.3 }
            let a = frame.transform(s)
            let b = turned.transform([s[2], -s[0], -s[1], s[5], -s[3], -s[4]])
            for (x, y) in zip(a, b) { #expect(abs(x - y) < 1e-12) }
        }
    }

    @Test func motionOfAStillSensorIsGravityAlone() {
        var frame = MotionFrame()
        let still = frame.transform(channels: [[0.6], [0], [0.8], [0], [0], [0]].map { [$0[0], $0[0]] })
        #expect(still.map(\.count) == Array(repeating: 2, count: MotionFrame.channelCount))
        for (value, expected) in zip(still.map { $0[1] }, [1.0, 1, 0, 0, 0, 0, 0]) {
            #expect(abs(value - expected) < 1e-9)
        }
    }

    @Test func overlapIsFoundSampleBySample() throws {
        let stream = (0..<40).map { Double($0 * $0 % 17) }
        let windows = [0, 5, 10, 22].map { [Array(stream[$0..<$0 + 10])] }
        let labelled = try LabelledWindows(name: "s", windows: windows, labels: [0, 0, 0, 0])
        #expect(labelled.freshSamples == [10, 5, 5, 10])
        #expect(labelled.spans == [0..<10, 5..<15, 10..<20, 20..<30])
    }

    @Test func aWindowWithoutCarriedStateDependsOnItselfAlone() throws {
        let windows = try person("p", seed: 1)
        let all = try reader(.motion).features(of: windows)
        let one = try LabelledWindows(name: "p", windows: [windows.windows[7]], labels: [0])
        #expect(try reader(.motion).features(of: one)[0] == all[7])
        let carried = try reader(.motion, carriesState: true).features(of: windows)
        #expect(carried[0] == all[0] && carried[7] != all[7])
        #expect(all.allSatisfy { $0.count == all[0].count && $0.allSatisfy(\.isFinite) })
    }

    @Test func windowsShorterThanAPatchAndWithoutNumbersAreRead() throws {
        let windows = try LabelledWindows(
            name: "odd", windows: [[[1, 2, 3]], [[.nan, .nan, .nan, .nan]], [Array(repeating: 1e300, count: 60)]],
            labels: [0, 1, 0])
        let features = try reader(.asMeasured).features(of: windows)
        #expect(features.allSatisfy { $0.count == features[0].count && $0.allSatisfy(\.isFinite) })
        let handMade = try HandMadeReader(name: "h", addsMotion: false).features(of: windows)
        #expect(handMade.allSatisfy { $0.allSatisfy(\.isFinite) })
    }

    @Test func motionNeedsSixChannels() throws {
        let windows = try person("p", seed: 1, channels: 3)
        #expect(throws: EvaluationError.self) { try reader(.motion).features(of: windows) }
    }

    @Test func shapesThatDoNotFitAreRefused() {
        func refused(_ windows: [[[Double]]], _ labels: [Int]) -> Bool {
            (try? LabelledWindows(name: "x", windows: windows, labels: labels)) == nil
        }
        #expect(refused([], []) && refused([[]], [0]) && refused([[[]]], [0]))
        #expect(refused([[[1], [1, 2]]], [0]) && refused([[[1]], [[1], [2]]], [0, 0]))
        #expect(refused([[[1]]], []) && refused([[[1]]], [-1]) && !refused([[[1]]], [0]))
    }

    @Test func personsLeftOutAreRecognised() throws {
        let people = try (0..<4).map { try person("p\($0)", seed: UInt64($0 + 1)) }
        let run = try LeaveOneOutRun(
            groups: people, readers: [reader(.asMeasured), HandMadeReader(name: "hand", addsMotion: false)], threads: 2)
        #expect(run.groups == ["p0", "p1", "p2", "p3"] && run.confusions[0][0].total == 24)
        #expect(run.confusions[1].allSatisfy { $0.accuracy > 0.9 })
        let tables = HARProtocol().tables(of: [.init(name: "phone", run: run)])
        #expect(tables[0].columns.map(\.name) == ["phone", "phone, macro F1", "phone, worst person"])
        #expect(tables[0].rows[1].values[0] == HARProtocol.median(run.confusions[1].map(\.accuracy)))
        #expect(tables[2].isDetail && tables[2].rows[0].values.count == 4)
        #expect(throws: EvaluationError.self) { try LeaveOneOutRun(groups: [people[0]], readers: [], threads: 1) }
    }

    @Test func medianIsTheMiddle() {
        #expect(HARProtocol.median([3, 1, 2]) == 2 && HARProtocol.median([4, 1, 2, 3]) == 2.5)
        #expect(HARProtocol.median([]) == nil)
    }
}
