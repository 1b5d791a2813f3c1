import SedgeCore
import Testing

@testable import Store

struct StreamTests {
    let fixture = StoreFixture()

    private func stream(_ id: String, seen: Int64, topics: [String] = []) throws -> StoredStream {
        StoredStream(
            id: try StreamID(id), topic: "plant/{stream}/\"x\"", firstSeen: Timestamp(milliseconds: seen),
            lastSeen: Timestamp(milliseconds: seen), retainedTopics: topics)
    }

    @Test func knowsAfterARestartWhatItPublished() throws {
        let store = try fixture.open().store
        let pump = try stream("pump", seen: 5, topics: ["sedge/gw-7/state/pump", "homeassistant/ü"])
        try store.upsertStreams([try stream("room", seen: 3), pump])
        try store.close()
        let again = try fixture.open().store
        #expect(try again.streams() == [pump, stream("room", seen: 3)])
        try again.removeStream(StreamID("room"))
        #expect(try again.streams() == [pump])
    }

    @Test func keepsTheFirstTimeAndTakesTheRest() throws {
        let store = try fixture.open().store
        try store.upsertStreams([try stream("pump", seen: 5)])
        try store.upsertStreams([try stream("pump", seen: 9, topics: ["t"])])
        var expected = try stream("pump", seen: 9, topics: ["t"])
        expected.firstSeen = Timestamp(milliseconds: 5)
        #expect(try store.streams() == [expected])
    }

    @Test func removingAStreamForgetsWhatWasLearnedOfIt() throws {
        let store = try fixture.open().store
        try store.upsertStreams([try stream("pump", seen: 5)])
        let checkpoint = Checkpoint(stream: try StreamID("pump"), part: "learner", data: [1])
        _ = try store.saveCheckpoints([checkpoint], at: fixture.now)
        let piece = StoredReplay(stream: try StreamID("pump"), slot: 0, coverage: "state-1/0", seen: 1, data: [1])
        _ = try store.saveReplay([piece], model: "m", at: fixture.now)
        try store.removeStream(StreamID("pump"))
        #expect(try store.replayCount(of: StreamID("pump")) == 0)
        #expect(try store.loadCheckpoints().checkpoints.isEmpty)
    }

    @Test func remembersSmallThings() throws {
        let store = try fixture.open().store
        #expect(try store.meta("kernel") == nil)
        try store.setMeta("kernel", "neon'; --")
        try store.setMeta("empty", "")
        try store.close()
        let again = try fixture.open().store
        #expect(try again.meta("kernel") == "neon'; --")
        #expect(try again.meta("empty") == "")
    }
}
