import SedgeCore
import Testing

@testable import Store

/// The audit log: nothing is missing from its sums, and it does not grow for ever.
struct AuditTests {
    let fixture = StoreFixture()
    private let time = Timestamp(milliseconds: 5)

    private func refusal(_ number: Int64, count: Int64 = 1) -> AuditEntry {
        AuditEntry(
            at: Timestamp(milliseconds: number), subject: "config", target: "all", key: "0123456789abcdef",
            accepted: false, reason: "no", count: count, since: count > 1 ? time : nil)
    }

    @Test func namesWhatWasRefused() throws {
        let store = try fixture.open().store
        let unread = AuditEntry(at: time, subject: "config", target: "all", accepted: false, reason: "not an envelope")
        let read = AuditEntry(
            at: time, subject: "model", target: "node/gw-7", version: 7, digest: "sha256:00", key: "0123456789abcdef",
            accepted: true, reason: "accepted")
        try store.appendAudit(unread)
        try store.appendAudit(read)
        #expect(try store.audit(limit: 10) == [read, unread])
        #expect(try store.audit(limit: 1) == [read])
    }

    @Test func aCountGrowsInItsRow() throws {
        let store = try fixture.open().store
        let rows = try store.saveAudits([(nil, refusal(1, count: 2)), (nil, refusal(2))])
        #expect(Set(rows).count == 2)
        #expect(try store.saveAudits([(rows[0], refusal(9, count: 7))]) == [rows[0]])
        #expect(try store.audit(limit: 10) == [refusal(2), refusal(9, count: 7)])
        // Its row is gone: it is written again and not lost.
        try store.connection.execute("DELETE FROM audit")
        let again = try store.saveAudits([(rows[0], refusal(9, count: 8))])
        #expect(again.count == 1)
        #expect(try store.audit(limit: 10) == [refusal(9, count: 8)])
    }

    @Test func oldRefusalsAreFoldedAndWhatWasAcceptedStays() throws {
        let store = try fixture.open().store
        let accepted = AuditEntry(
            at: time, subject: "config", target: "all", version: 1, accepted: true, reason: "accepted")
        try store.appendAudit(accepted)
        let count = Int64(Store.auditsKept) * 2 + 100
        for begin in stride(from: 1, through: count, by: 100) {
            let entries = (begin..<begin + 100).map { (row: Int64?.none, entry: refusal($0)) }
            _ = try store.saveAudits(entries)
        }
        let entries = try store.audit(limit: .max)
        #expect(entries.count <= Store.auditsKept + 100)
        #expect(entries.filter { !$0.accepted }.map(\.count).reduce(0, +) == count)
        #expect(entries.contains(accepted))
        #expect(entries.first == refusal(count))
        let oldest = try #require(entries.last { !$0.accepted })
        #expect(oldest.since == Timestamp(milliseconds: 1) && oldest.count > Int64(Store.auditsKept))
        #expect(oldest.key == nil && oldest.reason == "older entries, not told apart any more")
    }

    /// An hour of it: a hundred rows, then six kinds whose counts are written once a minute.
    @Test func aFloodIsFarBelowTheFlashBudget() throws {
        let store = try fixture.open().store
        let before = store.flashBytesWritten
        for number in 0..<100 { try store.appendAudit(refusal(Int64(number))) }
        var rows: [Int64?] = .init(repeating: nil, count: 6)
        for minute in 1...60 {
            let entries = rows.map { (row: $0, entry: refusal(Int64(minute), count: Int64(minute))) }
            rows = try store.saveAudits(entries)
        }
        let day = 24 * (store.flashBytesWritten - before)
        #expect(day < store.options.flashBudgetPerDay / 4, "\(day)")
    }

    @Test func whatWaitsForItsTimeSurvivesAReopening() throws {
        var store = try fixture.open().store
        try store.keepPostponed([1], subject: "config", target: "all")
        try store.keepPostponed([2, 0], subject: "config", target: "all")
        try store.keepPostponed([3], subject: "keys", target: "all")
        try store.close()
        store = try fixture.open().store
        #expect(try store.postponed() == [[2, 0], [3]])
        try store.forgetPostponed(subject: "config", target: "all")
        #expect(try store.postponed() == [[3]])
    }
}
