import Adaptation
import SedgeCore
import Testing

/// What the replay store keeps is bounded and spread over what the stream does.
struct ReplayCoverageTests {
    @Test func keepsNoMoreThanItsCapacity() {
        var coverage = ReplayCoverage(capacity: 20, seed: 1)
        var slots = Set<Int>()
        for index in 0..<5000 {
            guard let place = coverage.admit("state-\(index % 7)/0") else { continue }
            #expect((0..<20).contains(place.slot))
            slots.insert(place.slot)
        }
        #expect(coverage.count == 20)
        #expect(slots.count == 20)
    }

    /// A state that was short and long ago keeps its share.
    @Test func aRareStateIsNotCrowdedOut() {
        var coverage = ReplayCoverage(capacity: 40, seed: 2)
        for _ in 0..<30 { _ = coverage.admit("rare/0") }
        for _ in 0..<20_000 { _ = coverage.admit("common/0") }
        #expect(coverage.counts["rare/0"]! >= 20)
        #expect(coverage.counts["common/0"]! >= 10)
    }

    @Test func aNewStateGetsPlacesInAFullStore() {
        var coverage = ReplayCoverage(capacity: 40, seed: 3)
        for _ in 0..<1000 { _ = coverage.admit("old/0") }
        for _ in 0..<100 { _ = coverage.admit("new/0") }
        #expect(coverage.counts["new/0"]! >= 19)
        #expect(coverage.count == 40)
    }

    /// Each of a group's segments stays with the same chance: the first half as often as the second.
    @Test func aGroupIsAReservoir() {
        var early = 0
        for seed in 0..<200 as Range<UInt64> {
            var coverage = ReplayCoverage(capacity: 10, seed: seed)
            var kept: [Int: Int] = [:]
            for index in 0..<200 { if let place = coverage.admit("a/0") { kept[place.slot] = index } }
            early += kept.values.count { $0 < 100 }
        }
        // 2,000 places, half of them expected; four standard deviations.
        #expect(abs(early - 1000) < 90)
    }

    @Test func theSameSeedKeepsTheSame() {
        func run() -> [ReplayCoverage.Place?] {
            var coverage = ReplayCoverage(capacity: 8, seed: 4)
            return (0..<300).map { coverage.admit("state-\($0 % 3)/0") }
        }
        #expect(run() == run())
    }

    @Test func goesOnFromWhatTheStoreHolds() {
        let places = (0..<6).map { ReplayCoverage.Place(slot: $0, group: "a/0", seen: 100 + $0) }
        var coverage = ReplayCoverage(capacity: 6, seed: 5, places: places)
        #expect(coverage.count == 6)
        // A group of which 105 have come takes few more.
        #expect((0..<20).count { _ in coverage.admit("a/0") != nil } < 8)
    }
}
