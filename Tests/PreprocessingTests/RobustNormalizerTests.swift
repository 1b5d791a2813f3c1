import Preprocessing
import SedgeCore
import Testing

struct RobustNormalizerTests {
    @Test func aMillionEqualSamplesGiveZero() {
        var normalizer = RobustNormalizer()
        var largest: Float = 0
        for _ in 0..<1_000_000 { largest = max(largest, abs(normalizer.normalize(21.5))) }
        #expect(largest == 0)
        #expect(normalizer.level == 21.5)
        #expect(normalizer.scale > 0)
    }

    @Test func aSingleSampleGivesZeroAndIsTheLevel() {
        var normalizer = RobustNormalizer()
        #expect(normalizer.normalize(-3) == 0)
        #expect(normalizer.level == -3)
        #expect(!normalizer.isUsable)
    }

    /// Before τ/2 samples the weights are linear: the level is Σ i·x_i / Σ i.
    @Test func earlyOnTheLevelIsTheLinearlyWeightedMean() {
        var normalizer = RobustNormalizer()
        var random = SeededRandom(seed: 1)
        var sum = 0.0
        var weights = 0.0
        for index in 1...1000 {
            // Uniform noise never leaves three scales, so nothing is winsorised.
            let x = 5 + random.uniform()
            sum += Double(index) * x
            weights += Double(index)
            _ = normalizer.normalize(x)
            #expect(abs(normalizer.level - sum / weights) < 1e-9)
        }
    }

    /// After a ramp-up every step is level += (x − level)/τ.
    @Test func laterTheLevelIsTheExponentialMean() {
        var normalizer = RobustNormalizer(timeConstant: 50)
        var random = SeededRandom(seed: 2)
        for _ in 0..<200 { _ = normalizer.normalize(random.uniform()) }
        var level = normalizer.level
        for _ in 0..<1000 {
            let x = random.uniform()
            let scale = normalizer.scale
            let expected = max(-8, min(8, (x - level) / (scale * (1 + 2 / normalizer.count))))
            #expect(abs(Double(normalizer.normalize(x)) - expected) < 1e-6)
            level += (x - level) / 50
            #expect(abs(normalizer.level - level) < 1e-12)
        }
    }

    @Test(arguments: [3, 4, 5] as [UInt64])
    func theScaleOfGaussianNoiseIsItsStandardDeviation(seed: UInt64) {
        var normalizer = RobustNormalizer()
        var random = SeededRandom(seed: seed)
        for _ in 0..<40_000 { _ = normalizer.normalize(100 + 7 * random.normal()) }
        #expect(abs(normalizer.scale / 7 - 1) < 0.03)
        #expect(abs(normalizer.level - 100) < 0.03 * 7)
    }

    @Test(arguments: [6, 7, 8] as [UInt64])
    func theScaleOfLaplaceNoiseIsItsMeanDeviationTimesTheGaussianFactor(seed: UInt64) {
        var normalizer = RobustNormalizer()
        var random = SeededRandom(seed: seed)
        for _ in 0..<40_000 { _ = normalizer.normalize(random.laplace()) }
        // Winsorising at three scales takes e^(−3·1.2533) ≈ 2 % off.
        #expect(abs(normalizer.scale / 1.2533 - 0.98) < 0.03)
    }

    @Test func sixteenSamplesMakeAUsableScale() {
        var inRange = 0
        for seed in 0..<200 as Range<UInt64> {
            var normalizer = RobustNormalizer()
            var random = SeededRandom(seed: seed)
            for _ in 0..<16 { _ = normalizer.normalize(50 + random.normal()) }
            #expect(normalizer.isUsable)
            if (0.5...2).contains(normalizer.scale) && abs(normalizer.level - 50) < 1 { inRange += 1 }
        }
        #expect(inRange >= 190)
    }

    @Test(arguments: [1e3, 1e6, 1e300, -.greatestFiniteMagnitude])
    func anOutlierHardlyMovesLevelAndScale(outlier: Double) {
        var normalizer = RobustNormalizer()
        var random = SeededRandom(seed: 9)
        for _ in 0..<5000 { _ = normalizer.normalize(random.normal()) }
        let level = normalizer.level
        let scale = normalizer.scale
        #expect(abs(normalizer.normalize(outlier)) == 8)
        // At most three scales times the weight 2/5000.
        #expect(abs(normalizer.level - level) < 0.0015)
        #expect(abs(normalizer.scale / scale - 1) < 0.002)
    }

    @Test func aWrongFirstReadingIsForgotten() {
        var normalizer = RobustNormalizer()
        var random = SeededRandom(seed: 10)
        _ = normalizer.normalize(-9999)
        for _ in 0..<1000 { _ = normalizer.normalize(20 + random.normal()) }
        #expect(abs(normalizer.level - 20) < 0.3)
        #expect((0.7...1.5).contains(normalizer.scale))
    }

    @Test func aLastingChangeIsLearnedAtThePaceOfTheTimeConstant() {
        var normalizer = RobustNormalizer(timeConstant: 1000)
        var random = SeededRandom(seed: 11)
        for _ in 0..<5000 { _ = normalizer.normalize(random.normal()) }
        for _ in 0..<1000 { _ = normalizer.normalize(1000 + random.normal()) }
        // An exponential mean would have reached 1000·(1 − 1/e) = 632.
        #expect((550...640).contains(normalizer.level))
        for _ in 0..<15_000 { _ = normalizer.normalize(1000 + random.normal()) }
        #expect(abs(normalizer.level - 1000) < 0.5)
        #expect((0.8...1.3).contains(normalizer.scale))
    }

    @Test func lifeAfterALongConstantIsLearned() {
        var normalizer = RobustNormalizer(timeConstant: 1000)
        var random = SeededRandom(seed: 12)
        for _ in 0..<100_000 { _ = normalizer.normalize(0) }
        for _ in 0..<10_000 { _ = normalizer.normalize(random.normal()) }
        #expect((0.85...1.15).contains(normalizer.scale))
    }

    @Test func anOutputDependsOnNothingAfterOrOfItself() {
        var random = SeededRandom(seed: 13)
        var normalizer = RobustNormalizer()
        for _ in 0..<100 { _ = normalizer.normalize(random.normal()) }
        var other = normalizer
        let expected = Float((0.25 - normalizer.level) / (normalizer.scale * (1 + 2 / normalizer.count)))
        #expect(normalizer.normalize(0.25) == expected)
        #expect(other.normalize(0.25, learns: false) == expected)
    }

    @Test func learnsNothingWhenToldNotTo() {
        var normalizer = RobustNormalizer()
        for index in 0..<100 { _ = normalizer.normalize(Double(index % 7)) }
        let level = normalizer.level
        let scale = normalizer.scale
        for _ in 0..<1000 { _ = normalizer.normalize(1000, learns: false) }
        #expect(normalizer.level == level && normalizer.scale == scale && normalizer.count == 100)
    }

    @Test func aMissingSampleTakesTheLastAndThenTheLevel() {
        var normalizer = RobustNormalizer(holdLimit: 2)
        for index in 0..<100 { _ = normalizer.normalize(Double(index % 7)) }
        let count = normalizer.count
        let expected = normalizer.normalize(6, learns: false)
        #expect(expected > 0.5)
        #expect(normalizer.normalize(.nan) == expected)
        #expect(normalizer.normalize(.infinity) == expected)
        #expect(!normalizer.isMissing)
        #expect(normalizer.normalize(.nan) == 0)
        #expect(normalizer.isMissing)
        #expect(normalizer.normalize(.nan) == 0)
        #expect(normalizer.count == count)
        _ = normalizer.normalize(3)
        #expect(!normalizer.isMissing)
    }

    @Test func isFiniteForEveryInput() {
        let hard: [Double] = [
            .nan, .infinity, -.infinity, 0, -0.0, .leastNonzeroMagnitude, -.leastNormalMagnitude,
            .leastNormalMagnitude / 3, 1e300, -1e300,
            .greatestFiniteMagnitude, -.greatestFiniteMagnitude, .ulpOfOne, 1, -1, 1e9,
        ]
        for seed in 0..<50 as Range<UInt64> {
            var random = SeededRandom(seed: seed)
            var normalizer = RobustNormalizer(timeConstant: 100)
            for _ in 0..<2000 {
                let output = normalizer.normalize(hard[Int(random.next() % UInt64(hard.count))])
                guard output.isFinite, abs(output) <= 8, normalizer.level.isFinite, normalizer.scale.isFinite,
                    normalizer.scale > 0
                else {
                    Issue.record("seed \(seed): output \(output), level \(normalizer.level)")
                    return
                }
            }
        }
    }

    @Test func aNewBaselineHoldsAtOnceAndGoesOnLearning() {
        var normalizer = RobustNormalizer()
        for index in 0..<100 { _ = normalizer.normalize(Double(index % 7)) }
        normalizer.rebaseline(level: 500, scale: 10)
        #expect(normalizer.level == 500)
        #expect(abs(normalizer.scale - 10) < 1e-12)
        let output = normalizer.normalize(510)
        #expect(abs(output - 1) < 0.01)
        #expect(normalizer.level > 500)
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func goesOnBitForBitFromASnapshot(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var normalizer = RobustNormalizer(timeConstant: 200)
        for _ in 0..<Int(random.next() % 1000) {
            _ = normalizer.normalize(random.uniform() < 0.1 ? .nan : random.laplace())
        }
        var writer = SnapshotWriter(format: 1)
        normalizer.snapshot(into: &writer)
        var reader = try SnapshotReader(writer.finish(), format: 1)
        var restored = RobustNormalizer(timeConstant: 200)
        try restored.restore(from: &reader)
        try reader.finish()
        for _ in 0..<200 {
            let x = random.uniform() < 0.1 ? .nan : random.laplace()
            #expect(normalizer.normalize(x).bitPattern == restored.normalize(x).bitPattern)
        }
    }

    @Test func refusesStatisticsThatItCanNeverHave() throws {
        for bad in [Double.nan, .infinity, -1] {
            var writer = SnapshotWriter(format: 1)
            for value in [0, bad, 10, 1, 0] { writer.write(value) }
            writer.write(0 as Int64)
            writer.write(false)
            var reader = try SnapshotReader(writer.finish(), format: 1)
            var normalizer = RobustNormalizer()
            let before = normalizer
            #expect(throws: SnapshotError.self) { try normalizer.restore(from: &reader) }
            #expect(normalizer == before)
        }
    }
}
