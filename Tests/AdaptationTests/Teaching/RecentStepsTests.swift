import SedgeCore
import Testing

@testable import Adaptation

@Suite struct RecentStepsTests {
    private static func filled(_ count: Int, dimension: Int = 3) -> RecentSteps {
        var recent = RecentSteps(dimension: dimension)
        for step in 0..<count {
            recent.append(
                time: Timestamp(milliseconds: Int64(step)),
                vector: (0..<8).map { Float(step % 50) * Float($0 + 1) }, state: 1 + step / 1000)
        }
        return recent
    }

    @Test func keepsAllOfTheNewestAndEverFewerOfOlderOnes() throws {
        let recent = Self.filled(100_000)
        let times = recent.rows.map(\.time.milliseconds)
        #expect(times == times.sorted() && Set(times).count == times.count)
        #expect(times.suffix(128) == Array(99_872..<100_000))
        #expect(recent.count == 128 + 10 * 32)
        // 128 + 32 · (2 + 4 + … + 1024) steps.
        let reach = 100_000 - times[0]
        #expect((60_000...66_000).contains(reach), "\(reach)")
        let gaps = zip(times.dropFirst(), times).map { $0 - $1 }
        #expect(zip(gaps.dropFirst(), gaps).allSatisfy { $0 <= $1 }, "older steps lie farther apart")
    }

    @Test func givesBackWhatItTookToAHalfPercentOfTheGreatestValue() throws {
        let recent = Self.filled(10)
        let row = try #require(recent.rows.last)
        #expect(row.time == Timestamp(milliseconds: 9) && row.state == 1)
        for index in 0..<3 { #expect(abs(row.vector[index] - 9 * Float(index + 1)) <= 27 / 254 + 1e-4) }
        #expect(row.vector[3...].allSatisfy { $0 == 0 })
    }

    @Test func findsTheRowsOfASpan() {
        let recent = Self.filled(1000)
        let span = TimeSpan(from: Timestamp(milliseconds: 950), to: Timestamp(microseconds: 959_999))
        #expect(recent.rows(in: span).map(\.time.milliseconds) == Array(950..<960))
        let future = TimeSpan(from: Timestamp(milliseconds: 2000), to: Timestamp(milliseconds: 3000))
        #expect(recent.rows(in: future).isEmpty)
        #expect(recent.span?.to == Timestamp(milliseconds: 999))
        #expect(RecentSteps(dimension: 3).span == nil)
    }

    @Test(arguments: [0, 5, 128, 129, 5000]) func aSnapshotGoesOnAsTheOriginal(count: Int) throws {
        var one = Self.filled(count)
        var other = try RecentSteps(dimension: 3, restoring: one.snapshot())
        #expect(one == other)
        for step in count..<(count + 300) {
            let vector = [Float](repeating: Float(step), count: 8)
            one.append(time: Timestamp(milliseconds: Int64(step)), vector: vector, state: 0)
            other.append(time: Timestamp(milliseconds: Int64(step)), vector: vector, state: 0)
        }
        #expect(one == other)
    }

    @Test func aDamagedSnapshotIsRefused() {
        let snapshot = Self.filled(400).snapshot()
        var random = SeededRandom(seed: 4)
        for _ in 0..<300 {
            var damaged = snapshot
            damaged[Int(random.next() % UInt64(damaged.count))] ^= UInt8(1 << (random.next() % 8))
            #expect(throws: SnapshotError.self) { try RecentSteps(dimension: 3, restoring: damaged) }
        }
        #expect(throws: SnapshotError.length(expected: 4, found: 3)) {
            try RecentSteps(dimension: 4, restoring: snapshot)
        }
    }

    @Test func staysSmall() {
        // One channel of the shipped encoder, six of them.
        #expect(Self.filled(100_000, dimension: 8).snapshot().count < 448 * (8 + 16) + 1000)
    }
}
