import Preprocessing
import SedgeCore
import Testing

/// A new normal for a stream that has changed for good, from its newest samples.
struct RebaselineTests {
    /// A stream of two channels of noise whose normalisers no longer follow, as while a stream is not itself.
    private struct Stage {
        var stream: StreamPreprocessor
        var random = SeededRandom(seed: 21)
        private var index = 0

        init(_ normalization: Normalization = .robust()) {
            stream = StreamPreprocessor(
                .init(channels: 2, hop: 1, patch: 1, reorderWindow: 0, normalization: normalization))
            run(2000) { [$0, 5 + 2 * $1] }
            stream.followsLevel = false
        }

        mutating func run(_ count: Int, _ row: (Double, Double) -> [Double]) {
            for _ in 0..<count {
                stream.feed(Double(index), row(random.normal(), random.normal()))
                index += 1
            }
            _ = stream.popAll()
        }
    }

    @Test func aChannelThatLeftItsLevelGetsANewOneAndTheOtherKeepsIts() {
        var stage = Stage()
        stage.run(64) { [50 + $0, 5 + 2 * $1] }
        let before = [0, 1].map { stage.stream.normalizer(of: $0) }
        #expect(abs(before[0].level) < 0.2, "nothing was followed")
        stage.stream.rebaseline()
        let after = [0, 1].map { stage.stream.normalizer(of: $0) }
        #expect(abs(after[0].level - 50) < 0.5 && (0.7...1.4).contains(after[0].scale))
        #expect(after[1].level == before[1].level && after[1].scale == before[1].scale)
    }

    @Test(arguments: [4.0, 0.25]) func aChannelThatLeftItsScaleGetsANewOne(_ factor: Double) {
        var stage = Stage()
        stage.run(64) { [factor * $0, 5 + 2 * $1] }
        stage.stream.rebaseline()
        #expect((0.7 * factor...1.4 * factor).contains(stage.stream.normalizer(of: 0).scale))
        #expect((1.7...2.3).contains(stage.stream.normalizer(of: 1).scale))
    }

    @Test func whatIsStillWithinThreeScalesIsLeftAsItIs() {
        var stage = Stage()
        stage.run(64) { [2 + 1.5 * $0, 3 + 3 * $1] }
        let before = [0, 1].map { stage.stream.normalizer(of: $0) }
        stage.stream.rebaseline()
        #expect([0, 1].map { stage.stream.normalizer(of: $0) } == before)
    }

    /// Fifteen measurements among what is missing; one more, and it is believed.
    @Test func fewerThanSixteenMeasurementsAreNoNewNormal() {
        var stage = Stage()
        stage.run(49) { [.nan, 5 + 2 * $1] }
        stage.run(15) { [50 + $0, 5 + 2 * $1] }
        let before = stage.stream.normalizer(of: 0)
        stage.stream.rebaseline()
        #expect(stage.stream.normalizer(of: 0) == before)
        stage.run(1) { [50 + $0, 5 + 2 * $1] }
        stage.stream.rebaseline()
        #expect(abs(stage.stream.normalizer(of: 0).level - 50) < 1)
    }

    @Test func aConstantIsANewNormalToo() {
        var stage = Stage()
        stage.run(64) { [7 + 0 * $0, 5 + 2 * $1] }
        stage.stream.rebaseline()
        let normalizer = stage.stream.normalizer(of: 0)
        #expect(normalizer.level == 7 && normalizer.scale > 0 && normalizer.scale < 1e-3)
    }

    @Test func fixedNormalisersKeepTheirOwn() {
        var stage = Stage(.fixed(levels: [0, 5], scales: [1, 2], clip: 8))
        stage.run(64) { [50 + $0, 100 * $1] }
        stage.stream.rebaseline()
        for (channel, own) in [(0.0, 1.0), (5.0, 2.0)].enumerated() {
            let normalizer = stage.stream.normalizer(of: channel)
            #expect(normalizer.level == own.0 && normalizer.scale == own.1)
        }
    }
}
