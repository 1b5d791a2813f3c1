import Preprocessing
import Testing

@testable import Agent

struct QualityWatchTests {
    private static let hour: Int64 = 3600 * 1_000_000_000

    @Test func whatIsSeenAtOnceIsSaidOneAfterTheOther() {
        var counters = PreprocessorCounters()
        var watch = QualityWatch(counters)
        (counters.stuck, counters.clockJumps) = (1, 1)
        #expect(watch.flaw(in: counters, now: 1) == .clockJump)
        #expect(watch.flaw(in: counters, now: 2) == .stuckSensor)
        #expect(watch.flaw(in: counters, now: 3) == nil)
    }

    @Test func whatComesWithinTheHourIsSaidAfterIt() {
        var counters = PreprocessorCounters()
        var watch = QualityWatch(counters)
        counters.stuck = 1
        #expect(watch.flaw(in: counters, now: 0) == .stuckSensor)
        counters.stuck = 2
        #expect(watch.flaw(in: counters, now: Self.hour - 1) == nil)
        #expect(watch.flaw(in: counters, now: Self.hour) == .stuckSensor)
        #expect(watch.flaw(in: counters, now: 3 * Self.hour) == nil)
    }

    @Test func whatWasThereBeforeIsNotNew() {
        var counters = PreprocessorCounters()
        counters.saturated = 5
        var watch = QualityWatch(counters)
        #expect(watch.flaw(in: counters, now: 0) == nil)
    }
}
