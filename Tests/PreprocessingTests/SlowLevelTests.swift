import Preprocessing
import SedgeCore
import Testing

@Suite struct SlowLevelTests {
    @Test func distancesAreInStandardDeviationsOfWhatCameBefore() {
        var level = SlowLevel()
        for index in 0..<1000 { _ = level.standardise(index.isMultiple(of: 2) ? 9 : 11) }
        #expect(abs(level.standardise(13, learns: false) - 3) < 0.02)
        #expect(abs(level.standardise(7, learns: false) + 3) < 0.02)
    }

    @Test func whatHasHappenedBeforeIsLessOfASurprise() {
        var level = SlowLevel()
        var random = SeededRandom(seed: 1)
        var distances: [Double] = []
        for _ in 0..<5 {
            for _ in 0..<200 { _ = level.standardise(random.uniform()) }
            distances.append(level.standardise(50))
        }
        #expect(zip(distances, distances.dropFirst()).allSatisfy { $0 > $1 })
    }

    @Test(arguments: [Double.nan, .infinity, 1e200])
    func whatIsNoNumberIsNoDistance(value: Double) {
        var level = SlowLevel()
        for index in 0..<100 { _ = level.standardise(Double(index % 7)) }
        #expect(level.standardise(value) == 0)
        #expect(level.standardise(3).isFinite)
    }

    @Test func aConstantHasNoDistanceAndAJumpFromItTheGreatest() {
        var level = SlowLevel()
        for _ in 0..<10_000 { #expect(level.standardise(4) == 0) }
        _ = level.standardise(5)
        #expect(abs(level.standardise(5)) <= SlowLevel.ceiling)
    }
}
