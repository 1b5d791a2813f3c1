import SedgeCore
import Testing

@testable import Store

struct InsightTests {
    let fixture = StoreFixture()

    @Test func numbersInsightsAndStampsTheBoot() throws {
        let store = try fixture.open(boot: "b-42").store
        let insights = StoreFixture.insights(0..<3)
        let outgoing = try store.commit(insights, connected: true)
        #expect(outgoing.map(\.seq) == [1, 2, 3])
        #expect(outgoing.map(\.kind) == insights.map(\.kind))
        #expect(outgoing.map(\.stream) == insights.map(\.stream))
        #expect(outgoing.map(\.isLive) == [true, true, true])
        for (item, insight) in zip(outgoing, insights) {
            var expected = insight
            expected.seq = item.seq
            expected.bootID = "b-42"
            #expect(try PayloadJSON.decode(Insight.self, from: item.payload) == expected)
        }
        #expect(try store.commit([], connected: true).isEmpty)
        #expect(try store.commit(insights, connected: false).map(\.seq) == [4, 5, 6])
        #expect(store.lastSeq == 6)
    }

    @Test func checkpointsThatBelongToInsightsAreCommittedWithThem() throws {
        let store = try fixture.open().store
        let checkpoint = Checkpoint(stream: try StreamID("pump-1"), part: "stream", data: [1, 2, 3])
        _ = try store.commit([StoreFixture.insight(1)], connected: true, checkpoints: [checkpoint])
        #expect(try store.loadCheckpoints().checkpoints == [checkpoint])
    }

    @Test func sideFileIsAsHighAsWhatWasReturned() throws {
        let store = try fixture.open().store
        for number in 0..<5 {
            let seq = try store.commit([StoreFixture.insight(number)], connected: true)[0].seq
            #expect(try FloorFile(database: fixture.path).load() == .floor(Floor(node: "gw-7", seq: seq)))
        }
    }

    @Test func resendsTheSamePayloadMarked() throws {
        let store = try fixture.open().store
        let live = try store.commit([StoreFixture.insight(7)], connected: false)[0]
        #expect(!live.isLive)
        var expected = try PayloadJSON.decode(Insight.self, from: live.payload)
        #expect(expected.resend == nil)
        expected.resend = true
        let resent = try #require(try store.pending(after: 0, limit: 1).first).resendPayload()
        #expect(try PayloadJSON.decode(Insight.self, from: resent) == expected)
    }

    @Test func givesThePendingInOrderAndInParts() throws {
        let store = try fixture.open().store
        let all = try store.commit(StoreFixture.insights(0..<10), connected: false)
        let first = try store.pending(after: 0, limit: 4)
        #expect(first == Array(all[..<4]))
        #expect(try store.pending(after: 4, limit: 100) == Array(all[4...]))
        #expect(try store.pending(after: 4, through: 6, limit: 100).map(\.seq) == [5, 6])
        #expect(try store.pending(after: 10, limit: 100).isEmpty)
        #expect(try store.pending(after: 0, limit: 0).isEmpty)
    }

    @Test func keepsWhatIsNotAcknowledgedAcrossRestarts() throws {
        let first = try fixture.open(boot: "boot-1").store
        let sent = try first.commit(StoreFixture.insights(0..<6), connected: true)
        try first.acknowledge([1, 3, 3, 99])
        #expect(first.pendingCount == 4)
        #expect(try first.pending(after: 0, limit: 10).map(\.seq) == [2, 4, 5, 6])
        try first.close()

        let second = try fixture.open(boot: "boot-2").store
        #expect(second.pendingCount == 4)
        let waiting = try second.pending(after: 0, limit: 10)
        #expect(waiting.map(\.seq) == [2, 4, 5, 6])
        #expect(waiting[0].payload == sent[1].payload)
        #expect(try PayloadJSON.decode(Insight.self, from: waiting[0].payload).bootID == "boot-1")
        try second.acknowledge([2, 4, 5, 6])
        #expect(second.pendingCount == 0)
    }

    @Test func acknowledgementsWaitForAnotherWrite() throws {
        let store = try fixture.open { $0.acknowledgementLimit = 5 }.store
        _ = try store.commit(StoreFixture.insights(0..<20), connected: true)
        func onDisk() throws -> Int64 { try store.connection.integer("SELECT count(*) FROM outbox") }

        let before = store.flashBytesWritten
        try store.acknowledge([1, 2, 3])
        #expect(try onDisk() == 20)
        #expect(store.flashBytesWritten == before)
        _ = try store.commit([StoreFixture.insight(20)], connected: true)
        #expect(try onDisk() == 18)
        try store.acknowledge([4, 5, 6, 7, 8])
        #expect(try onDisk() == 13)
        try store.acknowledge([9])
        try store.flushAcknowledgements()
        #expect(try onDisk() == 12)
        #expect(store.pendingCount == 12)
    }
}
