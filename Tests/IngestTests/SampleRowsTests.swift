import Ingest
import SedgeCore
import Testing

@Suite struct SampleRowsTests {
    private let absent = SampleRows.absentTime

    private func resolved(_ times: [Int64]) -> [Int64] {
        var rows = SampleRows(channels: 2)
        for time in times { rows.appendRow(time: time) }
        rows.resolveTimes(arrival: Timestamp(microseconds: 1000), interval: 10)
        return rows.times
    }

    @Test func rowsBeginMissing() {
        var rows = SampleRows(channels: 2)
        rows.appendRow()
        rows.appendRow(time: 7)
        rows[1, 1] = 5
        #expect(rows.count == 2 && rows.times == [absent, 7])
        #expect(rows.values[3] == 5 && rows.values[..<3].allSatisfy { $0.isNaN })
        rows.removeAll()
        #expect(rows.isEmpty && rows.values.isEmpty)
    }

    @Test func theLastRowWithoutTimesCameInNow() {
        #expect(resolved([absent]) == [1000])
        #expect(resolved([absent, absent, absent]) == [980, 990, 1000])
        #expect(resolved([]) == [])
    }

    @Test func rowsWithoutTimesLieBesideThoseWithThem() {
        #expect(resolved([absent, 500, absent, absent, 600, absent]) == [490, 500, 510, 520, 600, 610])
        #expect(resolved([-5]) == [-5])
    }

    @Test func relativeTimesCountFromTheArrival() {
        #expect(resolved([SampleRows.relativeTime(-400), SampleRows.relativeTime(0), absent]) == [600, 1000, 1010])
    }
}
