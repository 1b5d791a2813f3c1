import SedgeCore
import Testing

@testable import Adaptation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

@Suite struct StreamingSubspaceTests {
    /// Rank-2 data in 12 dimensions: 3·g1·a + 1.5·g2·b + noise of 0.1, with a and b orthonormal.
    private struct LowRank {
        var stream: SyntheticStream
        let a: [Double], b: [Double]

        init(seed: UInt64) {
            stream = SyntheticStream(seed: seed)
            a = (0..<12).map { $0 < 6 ? 1 / 6.0.squareRoot() : 0 }
            b = (0..<12).map { $0 < 6 ? 0 : ($0 % 2 == 0 ? 1 : -1) / 6.0.squareRoot() }
        }

        mutating func next() -> [Float] {
            let (first, second) = (3 * stream.gaussian(), 1.5 * stream.gaussian())
            var vector = [Float](repeating: 0, count: 16)
            for index in 0..<12 {
                vector[index] = Float(1 + first * a[index] + second * b[index] + 0.1 * stream.gaussian())
            }
            return vector
        }
    }

    @Test(arguments: [41, 42, 43] as [UInt64])
    func findsThePrincipalComponentsOfLowRankData(seed: UInt64) {
        var data = LowRank(seed: seed)
        var subspace = StreamingSubspace(dimension: 12, rank: 2, memory: 100_000)
        for _ in 0..<3000 {
            let vector = data.next()
            vector.withUnsafeBufferPointer {
                let score = subspace.score($0.baseAddress!)
                subspace.learn($0.baseAddress!, score: score)
            }
        }
        for (index, truth) in [data.a, data.b].enumerated() {
            let cosine = zip(subspace.component(index), truth).reduce(0) { $0 + Double($1.0) * $1.1 }
            #expect(abs(cosine) > 0.98, "component \(index): \(cosine)")
        }
        #expect(abs(subspace.eigenvalues[0] - 9) < 2)
        #expect(abs(subspace.eigenvalues[1] - 2.25) < 0.6)
    }

    @Test func scoresAboutOneOnWhatItKnowsAndMuchMoreOffIt() {
        var data = LowRank(seed: 44)
        var subspace = StreamingSubspace(dimension: 12, rank: 2, memory: 100_000)
        var sum = 0.0
        for step in 0..<3000 {
            data.next().withUnsafeBufferPointer {
                let score = subspace.score($0.baseAddress!)
                if step >= 1000 { sum += Double(score) }
                subspace.learn($0.baseAddress!, score: score)
            }
        }
        #expect(abs(sum / 2000 - 1) < 0.2)
        var off = data.next()
        off[0] += 1
        off[1] -= 1
        #expect(off.withUnsafeBufferPointer { subspace.score($0.baseAddress!) } > 8)
    }

    @Test func whatNeverVariesStaysFinite() {
        var subspace = StreamingSubspace(dimension: 8, rank: 4, memory: 1000)
        let same = [Float](repeating: 3, count: 8)
        for _ in 0..<20_000 {
            same.withUnsafeBufferPointer {
                let score = subspace.score($0.baseAddress!)
                #expect(score.isFinite && score <= 1)
                subspace.learn($0.baseAddress!, score: score)
            }
        }
        let other = [Float](repeating: 4, count: 8)
        let score = other.withUnsafeBufferPointer { subspace.score($0.baseAddress!) }
        #expect(score.isFinite && score > 100 && score <= StreamingSubspace.ceiling)
    }
}
