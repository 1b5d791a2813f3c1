import SedgeCore
import Testing

@testable import Store

@Suite struct StoppedTests {
    let fixture = StoreFixture()
    private let pump = try! StreamID("pump-1")

    private func fill() throws {
        let store = try fixture.open().store
        _ = try store.commit(StoreFixture.insights(0..<6), connected: false)
        _ = try store.saveCheckpoints(
            [
                Checkpoint(stream: pump, part: "learner", data: [1, 2, 3]),
                Checkpoint(stream: pump, part: "stream", data: [4]),
            ], at: fixture.now, isUrgent: true)
        try store.addFeedback(FeedbackStoreTests.entry("a"))
        try store.close()
    }

    @Test func lookingChangesNoByte() throws {
        try fill()
        let before = try fixture.bytes()
        let store = try Store.openStopped(at: fixture.path, isWritable: false)
        #expect(try store.loadCheckpoints().checkpoints.count == 2)
        #expect(try store.feedback().count == 1)
        #expect(try store.checkpointSizes().map(\.bytes) == [3, 1])
        #expect(try store.insightCount(of: pump, kind: .anomaly, phase: .point) == 2)
        #expect(try store.insightCount(of: pump, kind: .anomaly, phase: .start) == 0)
        #expect(try fixture.bytes() == before)
    }

    @Test func refusesWhatItCanNotOpenAndLeavesNothingBehind() throws {
        #expect(throws: StoreError.self) { try Store.openStopped(at: fixture.path, isWritable: false) }
        #expect(fixture.names == [])
        try fixture.write(Array("no database at all".utf8))
        #expect(throws: StoreError.self) { try Store.openStopped(at: fixture.path, isWritable: false) }
        fixture.remove("")
        let running = try fixture.open().store
        let error = #expect(throws: StoreError.self) { try Store.openStopped(at: fixture.path, isWritable: false) }
        #expect(error?.reason == .locked)
        try running.close()
        fixture.remove("", ".floor")
        try fixture.open(migrator: SchemaMigrator([.version1])).store.close()
        let older = #expect(throws: StoreError.self) { try Store.openStopped(at: fixture.path, isWritable: false) }
        #expect(older?.message.contains("schema 1") == true)
    }

    @Test func forgettingKeepsFeedbackInsightsAndTheOpenEvent() throws {
        try fill()
        var store = try Store.openStopped(at: fixture.path, isWritable: true)
        #expect(try store.forgetLearned(pump, keeping: "stream"))
        #expect(try !store.forgetLearned(pump, keeping: "stream"))
        try store.close()
        store = try fixture.open().store
        #expect(try store.loadCheckpoints().checkpoints.map(\.part) == ["stream"])
        #expect(try store.feedback().count == 1)
        #expect(try store.insightCount() == 6)
        #expect(store.lastSeq == 6)
    }

    @Test func writtenBytesCountOn() throws {
        try fill()
        var store = try fixture.open().store
        let written = store.flashBytesWritten
        try store.close()
        store = try Store.openStopped(at: fixture.path, isWritable: true)
        #expect(try store.forgetLearned(pump, keeping: "stream"))
        try store.close()
        store = try fixture.open().store
        #expect(store.flashBytesWritten >= written)
    }

    @Test func whatIsReplacedIsThatOfTheNamedStreamsAlone() throws {
        try fill()
        var store = try Store.openStopped(at: fixture.path, isWritable: true)
        let other = try StreamID("other")
        let row = StoredStream(id: other, topic: "t", firstSeen: fixture.now, lastSeen: fixture.now)
        let entry = FeedbackStoreTests.entry("b", stream: "other")
        for data in [[9], [8]] as [[UInt8]] {
            try store.replaceLearned(
                streams: [row], checkpoints: [Checkpoint(stream: other, part: "learner", data: data)],
                feedback: [entry], at: fixture.now)
        }
        try store.close()
        store = try fixture.open().store
        #expect(try store.loadCheckpoints().checkpoints.map(\.data) == [[8], [1, 2, 3], [4]])
        #expect(try store.feedback().map(\.id) == ["a", "b"])
        #expect(try store.streams() == [row])
    }
}
