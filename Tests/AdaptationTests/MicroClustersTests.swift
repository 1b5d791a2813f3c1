import SedgeCore
import Testing

@testable import Adaptation

@Suite struct MicroClustersTests {
    private func vector(_ centre: Float, _ random: inout SeededRandom) -> [Float] {
        (0..<8).map { index in centre * (index.isMultiple(of: 2) ? 1 : -1) + Float(random.uniform() - 0.5) }
    }

    private func taught(_ steps: Int, centres: [Float], memory: Double = 10_000) -> MicroClusters {
        var clusters = MicroClusters(dimension: 8, memory: memory)
        var random = SeededRandom(seed: 1)
        for step in 0..<steps {
            let input = vector(centres[step * 7 / 3 % centres.count], &random)
            _ = clusters.score(input)
            clusters.learn(input)
        }
        return clusters
    }

    @Test func whatIsKnownScoresAboutOneAndWhatIsNewHigh() {
        var clusters = taught(3000, centres: [0, 10, -25])
        var random = SeededRandom(seed: 2)
        for centre in [0, 10, -25] as [Float] { #expect(clusters.score(vector(centre, &random)) < 5) }
        #expect(clusters.score(vector(60, &random)) > 50)
    }

    @Test func moreKindsThanPlacesAreKeptApartAsFarAsPlacesGo() {
        var clusters = taught(20_000, centres: (0..<30).map { 20 * Float($0) })
        var random = SeededRandom(seed: 3)
        #expect(clusters.score(vector(300, &random)).isFinite)
        #expect(clusters.score(vector(5000, &random)) > 100)
    }

    /// Sixteen kinds, each three times as far out as the one before, fill all places; one of them was frequent once and has
    /// not been seen for ten memories. What comes anew takes its place, where a memory without end keeps it and joins two
    /// others.
    @Test(arguments: [(500.0, false), (1_000_000.0, true)])
    func whatIsNoLongerDoneGivesWayToWhatIsNew(memory: Double, isKept: Bool) {
        var clusters = MicroClusters(dimension: 8, memory: memory)
        var random = SeededRandom(seed: 5)
        func score(_ centre: Float) -> Float { clusters.score(vector(centre, &random)) }
        func teach(_ centre: Float, times: Int = 1) {
            for _ in 0..<times {
                let input = vector(centre, &random)
                _ = clusters.score(input)
                clusters.learn(input)
            }
        }
        let (gone, new) = (-5e6 as Float, -1e8 as Float)
        let others = (0..<15).reduce(into: [10 as Float]) { others, _ in others.append(3 * others.last!) }.dropLast()
        for _ in 0..<200 { for centre in others { teach(centre) } }
        teach(gone, times: 400)
        for _ in 0..<350 { for centre in others { teach(centre) } }
        #expect(score(gone) < 5, "not before its place is needed")
        teach(new, times: 8)
        #expect(score(new) < 5 && (score(gone) < 5) == isKept)
        for centre in others { #expect(score(centre) < 5, "\(centre)") }
    }

    @Test func equalVectorsAreNoNewsHoweverMany() {
        var clusters = MicroClusters(dimension: 3, memory: 10_000)
        let input: [Float] = [1, 2, 3, 0, 0, 0, 0, 0]
        for _ in 0..<50_000 {
            #expect(clusters.score(input) <= 1)
            clusters.learn(input)
        }
    }

    @Test func goesOnFromASnapshotBitForBit() throws {
        var clusters = taught(2000, centres: [0, 10])
        var writer = SnapshotWriter(format: 1)
        clusters.write(to: &writer)
        var other = MicroClusters(dimension: 8, memory: 10_000)
        var reader = try SnapshotReader(writer.finish(), format: 1)
        try other.read(from: &reader)
        #expect(other == clusters)
        var random = SeededRandom(seed: 4)
        for centre in [0, 3, 50] as [Float] {
            let input = vector(centre, &random)
            #expect(clusters.score(input).bitPattern == other.score(input).bitPattern)
            clusters.learn(input)
            other.learn(input)
        }
        #expect(other == clusters)
    }
}
