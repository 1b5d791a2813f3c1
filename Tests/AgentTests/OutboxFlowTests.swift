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

    /// What is sent of `all` at each tenth of a second; `refuses` says what the broker does not want.
    private func run(
        _ flow: inout OutboxFlow, from: Int64 = 1, seconds: Int64, of all: ClosedRange<Int64>,
        refuses: (Int64) -> Bool
    ) -> [Int64] {
        var sent: [Int64] = []
        for tenth in from * 10..<(from + seconds) * 10 {
            guard let request = flow.backfillRequest(now: tenth * second / 10) else { continue }
            let found = all.filter { $0 > request.after && (refuses($0) || !sent.contains($0)) }.prefix(request.limit)
            for seq in found where flow.startsBackfill(of: seq) {
                sent.append(seq)
                if refuses(seq) { flow.refused(seq) } else { flow.delivered([seq]) }
            }
            if found.count < request.limit { flow.backlogEnded(request) }
        }
        return sent
    }

    @Test func whatIsRefusedHoldsNothingElseUp() {
        var flow = connected(perSecond: 20)
        let sent = run(&flow, seconds: 20, of: 1...100) { $0 % 10 == 1 }
        #expect(sent == Array(1...100), "each once, in order")
        let later = run(&flow, from: 21, seconds: 60, of: 1...100) { $0 % 10 == 1 }
        #expect(later.filter { $0 % 10 == 1 }.count == 10, "asked again after a minute, once")
    }

    @Test func refusalsOfLiveInsightsDoNotHoldTheBacklogUp() {
        var flow = connected(perSecond: 20)
        for seq in Int64(1000)...1100 {
            claim(flow.startsLive(seq))
            flow.refused(seq)
        }
        #expect(run(&flow, seconds: 10, of: 1...100) { _ in false } == Array(1...100))
    }

    @Test func whatWasRefusedGoesLastOnANewConnectionToo() {
        var flow = connected(perSecond: 20)
        for seq in Int64(1)...5 {
            claim(flow.startsLive(seq))
            flow.refused(seq)
        }
        flow.disconnected()
        flow.connected()
        #expect(run(&flow, seconds: 10, of: 1...20) { _ in false } == Array(6...20))
        #expect(run(&flow, from: 11, seconds: 70, of: 1...5) { _ in false } == Array(1...5), "asked after a minute")
    }
}
