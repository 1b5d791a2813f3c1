import SedgeCore
import Store
import Testing

@testable import Agent

@Suite struct DepartureTests {
    private static let day: Int64 = 86_400_000_000
    private let heard = Timestamp(milliseconds: 1_800_000_000_000)

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
}
