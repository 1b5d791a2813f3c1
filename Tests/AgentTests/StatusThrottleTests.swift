import SedgeCore
import Testing

@testable import Agent

@Suite struct StatusThrottleTests {
    private let ms: Int64 = 1_000_000

    private func status(_ ts: Int64, score: Double? = nil, anomaly: Bool = false) -> StreamStatus {
        var status = StreamStatus(ts: Timestamp(milliseconds: ts), phase: .ready, anomaly: anomaly)
        status.score = score
        return status
    }

    @Test func holdsBackWithinTheInterval() {
        var throttle = StatusThrottle(intervalMS: 1000)
        #expect(throttle.isDue(status(0), now: 0))
        throttle.published(status(0), now: 0)
        #expect(!throttle.isDue(status(1, score: 2), now: 999 * ms))
        #expect(throttle.isDue(status(1, score: 2), now: 1000 * ms))
    }

    @Test func aChangeIsDueAtOnce() {
        var throttle = StatusThrottle(intervalMS: 1000)
        throttle.published(status(0), now: 0)
        #expect(throttle.isDue(status(1, anomaly: true), now: 1))
        var named = status(1)
        named.state = "state-2"
        #expect(throttle.isDue(named, now: 1))
    }

    @Test func theSameIsNeverDueTwice() {
        var throttle = StatusThrottle(intervalMS: 0)
        throttle.published(status(0), now: 0)
        #expect(!throttle.isDue(status(0), now: 1 << 60))
    }

    @Test func anIntervalOfZeroLetsEveryStepThrough() {
        var throttle = StatusThrottle(intervalMS: 0)
        throttle.published(status(0), now: 5)
        #expect(throttle.isDue(status(1), now: 5))
    }

    @Test func afterForgettingItIsDueAgain() {
        var throttle = StatusThrottle(intervalMS: 1000)
        throttle.published(status(0), now: 0)
        throttle.forget()
        #expect(throttle.isDue(status(0), now: 1))
    }
}
