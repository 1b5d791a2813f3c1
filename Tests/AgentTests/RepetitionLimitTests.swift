import Testing

@testable import Agent

@Suite struct RepetitionLimitTests {
    private static let second: Int64 = 1_000_000_000

    @Test func aLastingProblemIsSaidOnceAMinuteWithItsCount() {
        var limit = RepetitionLimit()
        let said = (0..<150).compactMap { second in
            limit.keptBack(before: "lost", isProblem: true, now: Int64(second) * Self.second)
        }
        #expect(said == [0, 59, 59])
    }

    @Test func goodNewsFollowsBadNewsThatWasSaid() {
        var limit = RepetitionLimit()
        #expect(limit.keptBack(before: "connected", isProblem: false, now: 0) == 0)
        #expect(limit.keptBack(before: "lost", isProblem: true, now: Self.second) == 0)
        #expect(limit.keptBack(before: "connected", isProblem: false, now: 2 * Self.second) == 0)
        // Two agents of one name push each other out every second.
        #expect(limit.keptBack(before: "lost", isProblem: true, now: 3 * Self.second) == nil)
        #expect(limit.keptBack(before: "connected", isProblem: false, now: 4 * Self.second) == nil)
    }

    @Test func manyTextsDoNotFillTheMemory() {
        var limit = RepetitionLimit()
        for number in 0..<1000 {
            #expect(limit.keptBack(before: "problem \(number)", isProblem: true, now: Int64(number)) == 0)
        }
        #expect(limit.keptBack(before: "problem 999", isProblem: true, now: 1000) == nil)
    }
}
