import SedgeCore
import Testing

@testable import sedge

@Suite struct PacingTests {
    @Test func deadlinesFollowTheTimesAtSomeMultiple() {
        #expect(Pace.speed(1).due(offset: 2_500_000, index: 9) == 2_500_000_000)
        #expect(Pace.speed(10).due(offset: 2_500_000, index: 9) == 250_000_000)
        #expect(Pace.speed(0.5).due(offset: 1, index: 0) == 2000)
        #expect(Pace.rate(1000).due(offset: 77, index: 3) == 3_000_000)
        #expect(Pace.unlimited.due(offset: 5, index: 5) == nil)
        #expect(Pace.speed(1e-9).due(offset: .max, index: 0) == 3_200_000_000_000_000_000, "no trap")
    }

    @Test func roundingNeverAddsUp() {
        // A third of a second cannot be written in nanoseconds.
        let dues = (0..<3_000_000).lazy.map { Pace.rate(3).due(offset: 0, index: $0)! }
        #expect(dues[2_999_997] == 999_999_000_000_000)
    }

    @Test(arguments: [("1", Pace.speed(1)), ("0.5", .speed(0.5)), ("max", .unlimited)])
    func readsASpeed(text: String, pace: Pace) { #expect(Pace(speed: text) == pace) }

    @Test(arguments: ["", "0", "-1", "inf", "nan", "fast"])
    func refusesASpeed(text: String) { #expect(Pace(speed: text) == nil) }

    @Test(arguments: [Pace.speed(1), .speed(20), .speed(0.5), .rate(50), .rate(0.01), .unlimited])
    func retimedSamplesAreNeverAheadAndEndNow(pace: Pace) {
        let now = Timestamp(milliseconds: 1_700_000_000_000)
        let (duration, count): (Int64, Int) = (100_000_000, 1001)
        let start = Retiming.start(now: now, duration: duration, pace: pace, count: count)
        for index in 0..<count {
            let offset = duration / Int64(count - 1) * Int64(index)
            let sent = now + (pace.due(offset: offset, index: index) ?? 0) / 1000
            #expect(start + offset - sent <= 1, "\(pace), sample \(index)")
        }
        let last = now + (pace.due(offset: duration, index: count - 1) ?? 0) / 1000
        if pace.playingTime(duration: duration, count: count) <= duration {
            #expect(abs(start + duration - last) <= 1)
        } else {
            #expect(start == now)
        }
    }

    @Test func streamsOfAKindShareTheTimeEvenly() {
        let schedule = SimulationSchedule(groups: [.init(rate: 10, count: 4), .init(rate: 1, count: 1)])
        let entries = Array(schedule.prefix { $0.time < 10_000_000 })
        #expect(entries.count == 10 * 4 * 10 + 10)
        #expect(zip(entries, entries.dropFirst()).allSatisfy { $0.time <= $1.time })
        for member in 0..<4 {
            let times = entries.filter { $0.group == 0 && $0.member == member }.map(\.time)
            let first = Int64(member) * 25_000
            #expect(times == Array(stride(from: first, to: first + 100 * 100_000, by: 100_000)))
        }
    }

    @Test func anOddRateKeepsStep() {
        let schedule = SimulationSchedule(groups: [.init(rate: 3, count: 1)])
        #expect(schedule.lazy.prefix(300_001).reduce(0) { _, entry in entry.time } == 100_000_000_000)
    }
}
