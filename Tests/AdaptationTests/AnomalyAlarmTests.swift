import SedgeCore
import Testing

@testable import Adaptation

@Suite struct AnomalyAlarmTests {
    @Test func oneEventIsOneAlarm() {
        var alarm = AnomalyAlarm(alarmsPerWeek: 1, stepSeconds: 1)
        var transitions: [AlarmTransition] = []
        for step in 0..<400 {
            let score = (100..<130).contains(step) ? 9.0 : 0.3
            let time = Timestamp(milliseconds: Int64(step) * 1000)
            if let told = alarm.observe(time: time, score: score, extremalIndex: 1, mayStart: true) {
                transitions.append(told)
            }
        }
        guard case .start(let start)? = transitions.first, case .end(let end)? = transitions.last else {
            Issue.record("expected a start and an end, found \(transitions)")
            return
        }
        #expect(start.start == Timestamp(milliseconds: 100_000))
        #expect(end.end == Timestamp(milliseconds: 129_000))
        #expect(end.severity > start.severity && end.severity < 1)
        let starts = transitions.filter { if case .start = $0 { true } else { false } }
        #expect(starts.count == 1)
    }

    /// The source's clock is set back while the score rises.
    @Test func noEventEndsBeforeItBegan() throws {
        var alarm = AnomalyAlarm(alarmsPerWeek: 1, stepSeconds: 1)
        for step in 0..<40 {
            let time = Timestamp(milliseconds: Int64(step) * 1000 - (step < 20 ? 0 : 3_600_000))
            let score = step < 10 ? 0.3 : step < 20 ? 4.5 : 9
            _ = alarm.observe(time: time, score: score, extremalIndex: 1, mayStart: true)
            guard step >= 20 else { continue }
            let event = try #require(alarm.event)
            #expect(event.start == Timestamp(milliseconds: 10_000) && event.end == event.start)
        }
    }
}
