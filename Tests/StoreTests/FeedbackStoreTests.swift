import SedgeCore
import Testing

@testable import Store

@Suite struct FeedbackStoreTests {
    let fixture = StoreFixture()

    static func entry(_ id: String, _ kind: StoredFeedback.Kind = .label, stream: String = "pump-1") -> StoredFeedback {
        StoredFeedback(
            stream: try! StreamID(stream), id: id, receivedAt: Timestamp(milliseconds: 5), kind: kind,
            insight: kind == .label ? nil : "event-1", name: kind == .label ? "spin" : nil,
            span: TimeSpan(from: Timestamp(milliseconds: 1), to: Timestamp(milliseconds: 2)), state: "3", model: "m",
            examples: Array(0..<200))
    }

    @Test func whatIsStoredComesBackInItsOrder() throws {
        var store = try fixture.open().store
        let entries = [Self.entry("z"), Self.entry("a", .normal), Self.entry("z", .anomaly, stream: "other")]
        for entry in entries { try store.addFeedback(entry) }
        try store.close()
        store = try fixture.open().store
        #expect(try store.feedback() == entries)
    }

    @Test func theSameIDASecondTimeChangesNothing() throws {
        let store = try fixture.open().store
        try store.addFeedback(Self.entry("a"))
        try store.addFeedback(Self.entry("a", .anomaly))
        #expect(try store.feedback() == [Self.entry("a")])
    }

    @Test func aRevokedOneIsKnownAndHasNoExamples() throws {
        let store = try fixture.open().store
        try store.addFeedback(Self.entry("a"))
        try store.addFeedback(Self.entry("a", stream: "other"))
        try store.revokeFeedback("a", of: try StreamID("pump-1"), by: "undo")
        let found = try store.feedback()
        #expect(found[0].revokedBy == "undo" && found[0].examples == [])
        #expect(found[1] == Self.entry("a", stream: "other"))
    }

    @Test func oldVerdictsMakeRoomAndLabelsDoNot() throws {
        let store = try fixture.open().store
        try store.addFeedback(Self.entry("label"))
        for index in 0..<(Store.passingFeedbackLimit + 5) { try store.addFeedback(Self.entry("v\(index)", .normal)) }
        let found = try store.feedback().map(\.id)
        #expect(found.count == Store.passingFeedbackLimit + 1)
        #expect(found.first == "label" && found[1] == "v5")
    }

    @Test func aDamagedRowIsLeftOutAndTheOthersStay() throws {
        let store = try fixture.open().store
        for id in ["a", "b", "c"] { try store.addFeedback(Self.entry(id)) }
        try store.connection.execute("UPDATE labels SET examples = x'00' WHERE id = 'b'")
        #expect(try store.feedback().map(\.id) == ["a", "c"])
        #expect(store.maintenanceError?.message.contains("\"b\"") == true)
    }

    @Test func aStreamThatIsRemovedTakesItsFeedbackAlong() throws {
        let store = try fixture.open().store
        for stream in ["pump-1", "other"] { try store.addFeedback(Self.entry("a", stream: stream)) }
        try store.removeStream(try StreamID("pump-1"))
        #expect(try store.feedback().map(\.stream.description) == ["other"])
    }

    @Test func findsWhenAnInsightWas() throws {
        let store = try fixture.open().store
        let stream = try StreamID("pump-1")
        #expect(try store.insightSpan(nil, of: stream) == nil)
        func insight(_ id: String, _ kind: InsightKind, _ phase: InsightPhase, _ at: Int64) -> Insight {
            var insight = Insight(
                id: id, kind: kind, phase: phase, node: try! NodeID("gw-7"), stream: stream,
                ts: Timestamp(milliseconds: at))
            insight.start = Timestamp(milliseconds: at - 10)
            insight.end = phase == .end ? Timestamp(milliseconds: at - 1) : nil
            return insight
        }
        _ = try store.commit(
            [
                insight("one", .anomaly, .start, 100), insight("one", .anomaly, .end, 200),
                insight("two", .anomaly, .start, 300), insight("three", .state, .point, 400),
            ], connected: true)
        func span(_ id: String?) throws -> [Int64?]? {
            try store.insightSpan(id, of: stream).map { [$0.start.milliseconds, $0.end?.milliseconds] }
        }
        #expect(try span("one") == [190, 199])
        #expect(try span("two") == [290, nil])
        #expect(try span("three") == [390, 400])
        #expect(try span("on") == nil && span("pump-1") == nil)
        #expect(try store.insightSpan(nil, of: stream)?.id == "two")
        #expect(try store.insightSpan("one", of: try StreamID("other")) == nil)
    }

    @Test func aDatabaseOfTheFirstSchemaGetsATableForFeedback() throws {
        let old = try fixture.open(migrator: SchemaMigrator([.version1])).store
        _ = try old.commit(StoreFixture.insights(0..<3), connected: false)
        try old.close()
        let opened = try fixture.open()
        #expect(opened.report == .migrated(from: 1))
        #expect(try opened.store.feedback() == [])
        try opened.store.addFeedback(Self.entry("a"))
        #expect(try opened.store.feedback() == [Self.entry("a")])
        #expect(try opened.store.pending(after: 0, limit: 10).count == 3)
    }
}
