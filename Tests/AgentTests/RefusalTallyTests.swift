import Control
import SedgeCore
import Store
import Testing

@testable import Agent

struct RefusalTallyTests {
    private var tally = RefusalTally()
    private let minute: Int64 = 60_000_000_000
    private var now: Int64 = 1_000_000_000_000

    /// As the worker does it.
    private mutating func refuse(_ header: EnvelopeHeader?, _ refusal: Refusal = .wrongDigest) -> Bool {
        if case .alone = tally.place(now) { return true }
        tally.count(
            ControlNode.AuditNote(
                subject: .configuration, scope: ControlUnderTest.node, header: header, refusal: refusal),
            at: Timestamp(microseconds: now / 1000), now)
        return false
    }

    private func header(_ key: SigningKey = SigningKey()) -> EnvelopeHeader {
        key.sign([1], kind: .configuration, scope: ControlUnderTest.node, version: 1).header
    }

    /// What a store would do.
    private mutating func write(_ log: inout [Int64: AuditEntry]) {
        var rows: [Int64] = []
        for (row, entry) in tally.unwritten {
            let place = row ?? Int64(log.count + 1)
            log[place] = entry
            rows.append(place)
        }
        tally.written(rows, now)
    }

    @Test mutating func aFloodIsCountedByKeyAndCauseAndIsWhole() {
        let headers = (0..<3).map { _ in header() }
        var log: [Int64: AuditEntry] = [:]
        var alone = 0
        for number in 0..<5000 {
            if refuse(number % 4 == 3 ? nil : headers[number % 4]) { alone += 1 }
            now += 1_000_000_000
            if tally.isDue(now) { write(&log) }
        }
        write(&log)
        #expect(alone == 200, "a hundred in each of two hours")
        #expect(log.values.map(\.count).reduce(0, +) == 4800)
        #expect(log.count == 8, "four kinds an hour, whatever their number")
        for header in headers { #expect(log.values.count { $0.key == "\(header.key)" } == 2) }
        let cause = "the digest is not the payload's"
        #expect(log.values.allSatisfy { !$0.accepted && $0.since! < $0.at && $0.reason == cause })
        #expect(tally.unwritten.isEmpty && !tally.isDue(now + minute))
    }

    @Test mutating func inventedKeysMakeNoMoreThanSoManyEntries() {
        for _ in 0..<RefusalTally.alone { _ = refuse(nil) }
        for _ in 0..<500 { _ = refuse(header(), .unknownKey(header().key)) }
        let entries = tally.unwritten.map(\.entry)
        #expect(entries.count == RefusalTally.kinds + 1)
        #expect(entries.map(\.count).reduce(0, +) == 500)
        #expect(entries.filter { $0.key == nil }.map(\.count) == [500 - Int64(RefusalTally.kinds)])
    }

    @Test mutating func isWrittenOnceAMinuteAndKeptUntilItIs() {
        var log: [Int64: AuditEntry] = [:]
        for _ in 0...RefusalTally.alone { _ = refuse(nil) }
        #expect(tally.isDue(now))
        tally.putOff(now)
        #expect(!tally.isDue(now + minute - 1) && tally.isDue(now + minute))
        // Two hours later nothing of it is forgotten.
        now += 120 * minute
        for _ in 0...RefusalTally.alone { _ = refuse(nil) }
        #expect(tally.unwritten.map(\.entry.count) == [1, 1])
        write(&log)
        #expect(log.values.map(\.count) == [1, 1] && tally.unwritten.isEmpty)
    }
}
