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
