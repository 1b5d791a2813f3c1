import SedgeCore
import Testing

@testable import Adaptation

@Suite struct StepPaceTests {
    private func gaps(_ pace: inout StepPace, _ intervals: [Double], of steps: Double = 16) -> [Bool] {
        var time = Timestamp(milliseconds: 1_800_000_000_000)
        _ = pace.isAfterGap(time, of: steps)
        return intervals.map { interval in
            time = time + Int64(interval * 1e6)
            return pace.isAfterGap(time, of: steps)
        }
    }

    @Test func aPauseIsAGapAndChangesNextToNothing() {
        var pace = StepPace(stepSeconds: 8)
        let found = gaps(&pace, [Double](repeating: 8, count: 50) + [129] + [Double](repeating: 8, count: 50) + [129])
        #expect(found.indices.filter { found[$0] } == [50, 101])
        #expect(abs(pace.seconds - 8) < 0.5 && pace.current == 8)
    }

    /// From a sample a second to one in half a minute.
    @Test func aSourceThatIsSlowerForGoodIsNoRowOfGaps() {
        var pace = StepPace(stepSeconds: 8)
        let found = gaps(&pace, [Double](repeating: 240, count: 300))
        #expect(found[0] && !found[40...].contains(true), "\(found.count { $0 }) gaps")
        #expect(abs(pace.current - 240) < 24, "and what is counted in seconds follows")
    }

    /// The first samples were a backlog sent at once.
    @Test func aPaceThatWasReadFromABurstIsLeftBehind() {
        var pace = StepPace(stepSeconds: 0.008)
        let found = gaps(&pace, [Double](repeating: 60, count: 400))
        #expect(!found[300...].contains(true))
    }

    @Test func aClockThatWasSetBackIsAGap() {
        var pace = StepPace(stepSeconds: 1)
        #expect(gaps(&pace, [1, -5, 1]) == [false, true, false])
    }
}
