import SedgeCore
import Store
import TestSupport
import Testing

@testable import Agent

@Suite struct DepartureTests {
    private static let day: Int64 = 86_400_000_000
    private let heard = Timestamp(milliseconds: 1_800_000_000_000)
    private let folder = TemporaryFolder()

    private func stream(lastSeen: Timestamp) throws -> StoredStream {
        StoredStream(id: try StreamID("s"), topic: "plant/s", firstSeen: lastSeen, lastSeen: lastSeen)
    }

    @Test func aStreamThatWasNotHeardForTheRetentionHasGone() throws {
        let stream = try stream(lastSeen: heard)
        #expect(!stream.isLongGone(now: heard + 30 * Self.day, days: 30, clock: .synced))
        #expect(stream.isLongGone(now: heard + (30 * Self.day + 1), days: 30, clock: .synced))
    }

    @Test func aClockThatCanNotBeTrustedTellsNoAge() throws {
        let later = heard + 100 * Self.day
        #expect(try !stream(lastSeen: heard).isLongGone(now: later, days: 30, clock: .unsynced))
        #expect(try !stream(lastSeen: Timestamp(milliseconds: 5000)).isLongGone(now: later, days: 30, clock: .synced))
        #expect(try !stream(lastSeen: later).isLongGone(now: heard, days: 30, clock: .synced))
    }

    @Test func theEndsOfADepartedStreamCarryWhatEveryInsightDoes() throws {
        let stream = try stream(lastSeen: heard)
        let (node, now) = (try NodeID("n"), heard + 100 * Self.day)
        let snapshot = StreamSnapshot(
            model: "m", shape: "", stepSeconds: 1, openEvent: .init(id: "a", start: heard, severity: 0.5),
            openLabel: .init(id: "b", name: "idle", start: heard))
        let opened = try Store.open(
            at: folder.file("sedge.db"), options: StoreOptions(node: node, bootID: "b"), now: heard)
        _ = try opened.store.saveCheckpoints(
            [Checkpoint(stream: stream.id, part: "stream", data: snapshot.bytes())], at: heard, isUrgent: true)
        let memory = try AgentMemory(opened.store)
        try opened.store.close()
        let end = try #require(memory.farewell(to: stream, node: node, now: now, config: "c", clock: .unsynced))
        #expect(end.insights.map(\.id) == ["a", "b"] && end.insights.allSatisfy { $0.phase == .end })
        #expect(end.insights.allSatisfy { $0.model == "m" && $0.config == "c" && $0.clock == .unsynced })
        #expect(try StreamSnapshot(end.checkpoint.data).openEvent == nil)
    }
}
