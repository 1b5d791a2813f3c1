import Testing

@testable import Agent

@Suite struct OutboxFlowTests {
    private let second: Int64 = 1_000_000_000

    /// `#expect` can not hold a call that changes its value.
    private func claim(_ holds: Bool, sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(holds, sourceLocation: sourceLocation)
    }

    private func connected(perSecond: Int = 10) -> OutboxFlow {
        var flow = OutboxFlow(perSecond: perSecond)
        _ = flow.backfillRequest(now: 0)
        flow.connected()
        return flow
    }

    @Test func sendsNothingWithoutAConnection() {
        var flow = OutboxFlow(perSecond: 10)
        _ = flow.backfillRequest(now: 0)
        claim(!flow.startsLive(1))
        claim(flow.backfillRequest(now: 10 * second) == nil)
    }

    @Test func sendsLiveAtOnceWhileConnected() {
        var flow = connected()
        claim(flow.startsLive(1))
    }

    @Test func backfillIsLimitedToItsRate() throws {
        var flow = connected(perSecond: 10)
        var sent = 0
        var seq: Int64 = 1
        for tenth in 1...50 {
            guard let request = flow.backfillRequest(now: Int64(tenth) * second / 10) else { continue }
            for _ in 0..<request.limit {
                claim(flow.startsBackfill(of: seq))
                seq += 1
                sent += 1
            }
        }
        #expect(sent == 50)
    }

    @Test func aPauseMakesNoBurst() throws {
        var flow = connected(perSecond: 10)
        let request = flow.backfillRequest(now: 3600 * second)
        #expect(try #require(request).limit == 10)
    }

    @Test func backfillPassesOverWhatIsInFlight() throws {
        var flow = connected()
        claim(flow.startsLive(5))
        claim(flow.startsBackfill(of: 4))
        claim(!flow.startsBackfill(of: 5))
        let found = flow.backfillRequest(now: second)
        let request = try #require(found)
        #expect(request.after == 5)
    }

    @Test func whatWasRefusedComesBackInOrder() throws {
        var flow = connected()
        claim(flow.startsLive(7))
        claim(flow.startsLive(8))
        flow.notTaken(7)
        let found = flow.backfillRequest(now: second)
        let request = try #require(found)
        #expect(request.after <= 6)
        claim(flow.startsBackfill(of: 7))
        claim(!flow.startsBackfill(of: 8))
    }

    @Test func whatWasInFlightAtALossGoesAgain() throws {
        var flow = connected()
        claim(flow.startsLive(3))
        flow.disconnected()
        flow.connected()
        let found = flow.backfillRequest(now: second)
        let request = try #require(found)
        #expect(request.after == 0)
        claim(flow.startsBackfill(of: 3))
    }

    @Test func asksNoMoreOnceTheBacklogIsOver() throws {
        var flow = connected()
        let found = flow.backfillRequest(now: second)
        flow.backlogEnded(try #require(found))
        claim(flow.backfillRequest(now: 2 * second) == nil)
    }

    @Test func anOldLookDoesNotEndANewBacklog() throws {
        var flow = connected()
        let found = flow.backfillRequest(now: second)
        claim(flow.startsLive(9))
        flow.notTaken(9)
        flow.backlogEnded(try #require(found))
        claim(flow.backfillRequest(now: 2 * second) != nil)
    }

    @Test func whatIsAcknowledgedButNotYetStoredIsNotSentTwice() {
        var flow = connected()
        claim(flow.startsLive(5))
        // Its acknowledgement is on the way to the store; a look at the store still finds it.
        claim(!flow.startsBackfill(of: 5))
        flow.delivered([5])
        claim(!flow.startsBackfill(of: 5))
    }

    @Test func afterARefusalTheBacklogRests() {
        var flow = connected()
        claim(flow.startsLive(3))
        flow.refused(3)
        claim(flow.backfillRequest(now: 30 * second) == nil)
        claim(flow.backfillRequest(now: 62 * second) != nil)
    }

    @Test func aNewConnectionEndsTheRest() {
        var flow = connected()
        claim(flow.startsLive(3))
        flow.refused(3)
        flow.disconnected()
        flow.connected()
        claim(flow.backfillRequest(now: second) != nil)
    }
}
