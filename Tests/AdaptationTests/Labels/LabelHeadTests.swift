import SedgeCore
import Testing

@testable import Adaptation

@Suite struct LabelStatisticsTests {
    private static let names = ["a", "b", "c"]

    /// Three labels in five dimensions, the first two of which are correlated; (vectors padded to 8, label).
    static func examples(_ count: Int, seed: UInt64) -> [(vector: [Float], label: String)] {
        var stream = SyntheticStream(seed: seed)
        return (0..<count).map { index in
            let label = index % 3
            let common = stream.gaussian()
            var vector = (0..<8).map { $0 < 5 ? Float(0.5 * stream.gaussian()) : 0 }
            vector[0] += Float(2 * common + Double(label))
            vector[1] += Float(2 * common - Double(label))
            return (vector, names[label])
        }
    }

    static func statistics(_ examples: [(vector: [Float], label: String)]) -> LabelStatistics {
        var statistics = LabelStatistics(dimension: 5)
        for example in examples { statistics.observe(example.vector, label: example.label) }
        return statistics
    }

    @Test func equalsMeansAndScatterOfAllAtOnce() {
        let examples = Self.examples(200, seed: 1)
        let statistics = Self.statistics(examples)
        for (place, name) in statistics.names.enumerated() {
            let own = examples.filter { $0.label == name }
            #expect(statistics.counts[place] == Double(own.count))
            for index in 0..<5 {
                let mean = own.reduce(0) { $0 + Double($1.vector[index]) } / Double(own.count)
                #expect(abs(statistics.means[place][index] - mean) < 1e-9)
            }
        }
        for row in 0..<5 {
            for column in 0...row {
                let sum = examples.reduce(0) { sum, example in
                    let mean = statistics.means[statistics.names.firstIndex(of: example.label) ?? 0]
                    return sum + (Double(example.vector[row]) - mean[row])
                        * (Double(example.vector[column]) - mean[column])
                }
                #expect(abs(statistics.scatter[row * 5 + column] - sum) < 1e-6)
            }
        }
    }

    @Test func aWeightIsSoManyExamples() {
        var once = LabelStatistics(dimension: 5)
        var thrice = once
        for example in Self.examples(30, seed: 2) {
            once.observe(example.vector, label: example.label, weight: 3)
            for _ in 0..<3 { thrice.observe(example.vector, label: example.label) }
        }
        #expect(zip(once.scatter, thrice.scatter).allSatisfy { abs($0 - $1) < 1e-6 })
        #expect(once.counts == thrice.counts)
    }

    @Test func whatIsMergedIsAsIfSeenByOne() {
        let examples = Self.examples(90, seed: 3)
        var merged = Self.statistics(Array(examples[..<40]))
        merged.merge(Self.statistics(Array(examples[40...])))
        let all = Self.statistics(examples)
        #expect(merged.counts == all.counts && merged.names == all.names)
        #expect(zip(merged.scatter, all.scatter).allSatisfy { abs($0 - $1) < 1e-6 })
        for (one, other) in zip(merged.means, all.means) {
            #expect(zip(one, other).allSatisfy { abs($0 - $1) < 1e-9 })
        }
    }

    @Test func comesBackFromItsBytesAndNotFromDamagedOnes() throws {
        var statistics = Self.statistics(Self.examples(60, seed: 4))
        statistics.observeBackground(center: [0, 0, 0, 0, 0], variance: [1, 1, 1, 1, 1])
        let bytes = statistics.snapshot()
        let restored = try LabelStatistics(restoring: bytes)
        #expect(restored.names == statistics.names && restored.counts == statistics.counts)
        #expect(zip(restored.scatter, statistics.scatter).allSatisfy { abs($0 - $1) < 1e-3 })
        var random = SeededRandom(seed: 5)
        for _ in 0..<200 {
            var damaged = bytes
            damaged[Int(random.next() % UInt64(bytes.count))] ^= UInt8(1 << (random.next() % 8))
            #expect(throws: SnapshotError.self) { try LabelStatistics(restoring: damaged) }
        }
    }
}

@Suite struct ConjugateGradientsTests {
    @Test func solvesWhatItIsGiven() {
        var random = SeededRandom(seed: 11)
        let size = 20
        let rows = (0..<30).map { _ in (0..<size).map { _ in random.uniform() - 0.5 } }
        var matrix = [Double](repeating: 0, count: size * size)
        for row in rows { for i in 0..<size { for j in 0..<size { matrix[i * size + j] += row[i] * row[j] } } }
        for index in 0..<size { matrix[index * size + index] += index == 3 ? 1000 : 0.01 }
        let expected = (0..<size).map { _ in random.uniform() }
        let right = (0..<size).map { i in (0..<size).reduce(0) { $0 + matrix[i * size + $1] * expected[$1] } }
        // Only the lower half counts.
        for i in 0..<size { for j in (i + 1)..<max(size, i + 1) { matrix[i * size + j] = .nan } }
        for (found, value) in zip(ConjugateGradients.solve(matrix, right), expected) {
            #expect(abs(found - value) < 1e-6)
        }
    }

    @Test func aSingularMatrixGivesNumbers() {
        #expect(ConjugateGradients.solve([0, 0, 0, 0], [1, 1]).allSatisfy { $0.isFinite })
        #expect(ConjugateGradients.solve([1, 0, 1, 1], [1, 1]).allSatisfy { $0.isFinite })
    }
}

@Suite struct LabelHeadTests {
    private static let background = [Double](repeating: 4, count: 5)

    private static func head(_ examples: [(vector: [Float], label: String)]) throws -> LabelHead {
        var statistics = LabelStatisticsTests.statistics(examples)
        statistics.observeBackground(center: Array(repeating: 0, count: 5), variance: background)
        return try #require(LabelHead(statistics))
    }

    @Test func fromOneExampleOfEachTheNearestIsTaken() throws {
        let examples: [(vector: [Float], label: String)] = [
            ([3, 0, 0, 0, 0, 0, 0, 0], "right"), ([0, 3, 0, 0, 0, 0, 0, 0], "up"),
        ]
        let head = try Self.head(examples)
        var random = SeededRandom(seed: 6)
        for _ in 0..<200 {
            let vector = (0..<8).map { $0 < 5 ? Float(4 * random.uniform() - 1) : 0 }
            func distance(_ example: [Float]) -> Float {
                zip(vector, example).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
            }
            let nearest = distance(examples[0].vector) < distance(examples[1].vector) ? "right" : "up"
            #expect(head.nearest(to: vector) == nearest)
        }
    }

    /// Along the common factor labels differ little from noise; only the shared covariance shows that.
    @Test func withMoreExamplesItIsALinearDiscriminant() throws {
        func accuracy(_ count: Int) throws -> Double {
            let head = try Self.head(LabelStatisticsTests.examples(count, seed: 7))
            let test = LabelStatisticsTests.examples(3000, seed: 8)
            return Double(test.count { head.nearest(to: $0.vector) == $0.label }) / Double(test.count)
        }
        let (few, many) = (try accuracy(3), try accuracy(300))
        #expect(many > few + 0.1, "\(few) with one of each, \(many) with a hundred")
        // Bayes' error of this mixture: labels lie √2 apart along a direction of deviation 0.5.
        #expect(many > 0.85)
    }

    @Test func tendsToTheDiscriminantsOfBatchLDA() throws {
        let examples = LabelStatisticsTests.examples(6000, seed: 9)
        let head = try Self.head(examples)
        let statistics = LabelStatisticsTests.statistics(examples)
        let covariance = statistics.scatter.map { $0 / 5997 }
        for example in examples.prefix(50) {
            let scores = head.scores(of: example.vector)
            let expected = statistics.means.map { mean in
                let direction = ConjugateGradients.solve(covariance, mean)
                return zip(direction, example.vector).reduce(0) { $0 + $1.0 * Double($1.1) }
                    - 0.5 * zip(direction, mean).reduce(0) { $0 + $1.0 * $1.1 }
            }
            let difference = Double(scores[1] - scores[0]) - (expected[1] - expected[0])
            #expect(abs(difference) < 0.05 * (1 + abs(expected[1] - expected[0])))
        }
    }

    @Test func whatLooksLikeNoLabelHasNone() throws {
        let examples = (0..<10).map { number in
            (vector: (0..<8).map { $0 < 5 ? 3 + Float(number) / 50 : 0 }, label: "x")
        }
        let head = try Self.head(examples)
        let like = head.probabilities(of: [3, 3, 3, 3, 3, 0, 0, 0])
        let unlike = head.probabilities(of: [0, 0, 0, 0, 0, 0, 0, 0])
        #expect(like[0] > 0.8 && abs(like.reduce(0, +) - 1) < 1e-5)
        #expect(unlike[0] < 0.2 && unlike[1] > 0.8)
    }

    @Test func nothingComesOfNothing() {
        #expect(LabelHead(LabelStatistics(dimension: 5)) == nil)
    }

    @Test func constantExamplesAreFinite() throws {
        var statistics = LabelStatistics(dimension: 5)
        for _ in 0..<100 { statistics.observe([1, 1, 1, 1, 1, 0, 0, 0], label: "x") }
        let head = try #require(LabelHead(statistics))
        #expect(head.probabilities(of: [1e3, -1e3, 0, 0, 0, 0, 0, 0]).allSatisfy { $0.isFinite })
    }
}

@Suite struct LabelTrackerTests {
    private static func time(_ step: Int) -> Timestamp { Timestamp(milliseconds: Int64(step) * 1000) }

    private func run(_ tracker: inout LabelTracker, _ steps: Range<Int>, _ probabilities: [Float]) -> LabelVerdict? {
        var last: LabelVerdict?
        for step in steps {
            last = tracker.observe(probabilities, names: ["a", "b"], time: Self.time(step))
        }
        return last
    }

    @Test func aLabelBeginsWhereItFirstLookedLikeItAndEndsWhenItNoLongerDoes() {
        var tracker = LabelTracker()
        #expect(run(&tracker, 0..<20, [0.05, 0.05, 0.9]) == nil)
        let found = run(&tracker, 20..<30, [0.8, 0.1, 0.1])
        #expect(found?.name == "a" && found?.since == Self.time(20))
        #expect(run(&tracker, 30..<40, [0.1, 0.8, 0.1])?.name == "b")
        #expect(run(&tracker, 40..<60, [0.05, 0.05, 0.9]) == nil)
    }

    @Test func oneOddStepChangesNothing() {
        var tracker = LabelTracker()
        _ = run(&tracker, 0..<30, [0.8, 0.1, 0.1])
        for step in stride(from: 30, to: 90, by: 6) {
            #expect(run(&tracker, step..<step + 1, [0.1, 0.8, 0.1])?.name == "a")
            #expect(run(&tracker, step + 1..<step + 6, [0.8, 0.1, 0.1])?.name == "a")
        }
    }

    @Test func withoutLabelsItForgets() {
        var tracker = LabelTracker()
        _ = run(&tracker, 0..<30, [0.8, 0.1, 0.1])
        #expect(tracker.observe(nil, names: [], time: Self.time(30)) == nil)
        #expect(tracker == LabelTracker())
    }

    @Test func aRestoredOneGoesOnWithItsLabel() throws {
        var tracker = LabelTracker()
        _ = run(&tracker, 0..<20, [0.9, 0.1])
        var writer = SnapshotWriter(format: 1)
        tracker.write(to: &writer)
        var reader = try SnapshotReader(writer.finish(), format: 1)
        var restored = LabelTracker()
        try restored.read(from: &reader)
        try reader.finish()
        #expect(restored == tracker && restored.current != nil)
    }
}
