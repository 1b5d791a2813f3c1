import Ingest
import SedgeCore
import Testing

@Suite struct DecodeCountersTests {
    @Test func countsByReason() {
        var counters = DecodeCounters()
        counters.recordPayload(rows: 3, unusableValues: 1)
        counters.recordPayload(rows: 2, unusableValues: 0)
        counters.record(.empty)
        counters.record(.badLine(1, "x"))
        counters.record(.notJSON("x"))
        #expect(counters.payloads == 2 && counters.rows == 5 && counters.unusableValues == 1)
        #expect(counters.failures == 3 && counters.failures(.syntax) == 2 && counters.failures(.empty) == 1)
    }

    @Test func logsAtMostOnceAMinute() {
        var counters = DecodeCounters()
        let start = Timestamp(milliseconds: 1_700_000_000_000)
        var logged = 0
        for second in 0..<180 {
            counters.record(.noChannel)
            if counters.shouldLog(now: start + Int64(second) * 1_000_000) { logged += 1 }
        }
        #expect(logged == 3)
        #expect(counters.unlogged == 59)
    }

    @Test func aClockThatWasSetBackDoesNotSilenceTheLog() {
        var counters = DecodeCounters()
        let start = Timestamp(milliseconds: 1_700_000_000_000)
        let offsets: [Int64] = [0, -3_600_000_000, -3_599_000_000]
        #expect(offsets.map { counters.shouldLog(now: start + $0) } == [true, true, false])
    }
}
