import Preprocessing
import SedgeCore
import Testing

struct NormalizerTests {
    @Test func fixedScalesComeFromTheBundle() {
        var normalizers = Normalization.fixed(levels: [10, -1], scales: [2, 0.5], clip: 4)
            .makeNormalizers(channels: 2, holdLimit: 1)
        #expect(normalizers[0].normalize(13) == 1.5)
        #expect(normalizers[1].normalize(-1.25) == -0.5)
        #expect(normalizers[0].normalize(1e300) == 4)
        #expect(normalizers[0].normalize(-.greatestFiniteMagnitude) == -4)
        #expect(normalizers[0].level == 10 && normalizers[0].scale == 2 && normalizers[0].isUsable)
        let isRebased = normalizers[0].rebaseline(level: 1, scale: 1)
        #expect(!isRebased && normalizers[0].level == 10)
    }

    @Test func fixedTreatsMissingSamplesAsRobustDoes() {
        var normalizer = Normalizer.fixed(FixedNormalizer(level: 0, scale: 1, holdLimit: 1))
        #expect(normalizer.normalize(.nan) == 0)
        #expect(normalizer.isMissing)
        #expect(normalizer.normalize(3) == 3)
        #expect(normalizer.normalize(.nan) == 3)
        #expect(normalizer.normalize(.nan) == 0)
        #expect(normalizer.normalize(2) == 2)
        normalizer.forgetHeld()
        #expect(normalizer.normalize(.nan) == 0)
    }

    @Test func theEnumerationAddsNothingToTheRobustNormalizer() {
        var plain = RobustNormalizer(timeConstant: 500, clip: 5, holdLimit: 3)
        var wrapped = Normalization.robust(timeConstant: 500, clip: 5).makeNormalizers(channels: 1, holdLimit: 3)[0]
        var random = SeededRandom(seed: 1)
        for index in 0..<500 {
            let x = index % 50 == 0 ? .nan : random.normal()
            #expect(plain.normalize(x) == wrapped.normalize(x))
        }
        #expect(plain.level == wrapped.level && plain.scale == wrapped.scale)
    }

    @Test func refusesASnapshotOfTheOtherKind() throws {
        var robust = Normalizer.robust(RobustNormalizer())
        var writer = SnapshotWriter(format: 1)
        Normalizer.fixed(FixedNormalizer(level: 0, scale: 1)).snapshot(into: &writer)
        var reader = try SnapshotReader(writer.finish(), format: 1)
        #expect(throws: SnapshotError.impossible("normalisation is fixed, expected robust")) {
            try robust.restore(from: &reader)
        }
    }
}
