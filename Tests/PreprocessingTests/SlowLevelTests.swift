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

    /// An open thermocouple, a failed read: once, and what follows is seen as before.
    @Test(arguments: [65_535.0, -3.4e38]) func oneImpossibleReadingHidesNothing(value: Double) {
        var level = SlowLevel()
        var random = SeededRandom(seed: 2)
        for _ in 0..<30_000 { _ = level.standardise(20 + random.uniform()) }
        let before = level.standardise(35, learns: false)
        #expect(abs(level.standardise(value)) == SlowLevel.ceiling)
        #expect(level.standardise(35, learns: false) > 0.7 * before, "of \(before)")
    }

    @Test func aNewLevelFarAwayBecomesTheUsualOne() {
        var level = SlowLevel(memory: 1000)
        var random = SeededRandom(seed: 3)
        for _ in 0..<5000 { _ = level.standardise(random.uniform()) }
        for _ in 0..<10_000 { _ = level.standardise(1e6 + random.uniform()) }
        #expect(abs(level.standardise(1e6 + 0.5, learns: false)) < 1)
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
