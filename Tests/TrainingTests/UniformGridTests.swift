import SedgeCore
import Testing
import Training

struct UniformGridTests {
    private func times(_ seconds: [Double]) -> [Timestamp] {
        seconds.map { Timestamp(microseconds: Int64($0 * 1e6)) }
    }

    @Test func rowsThatKeepTheRateStayAsTheyAre() {
        let values = (0..<50).map { Double($0 * $0 % 17) }
        let segments = UniformGrid.segments(
            times: times((0..<50).map { 100 + 0.1 * Double($0) }), columns: [values], rateHz: 10)
        #expect(segments.count == 1)
        #expect(segments[0].columns == [values])
        #expect(segments[0].times.first == Timestamp(microseconds: 100_000_000))
    }

    @Test func aSlowerRateTakesMeansAndAnyOrderWillDo() {
        let order = (0..<40).sorted { $0 * 7 % 40 < $1 * 7 % 40 }
        let segments = UniformGrid.segments(
            times: times(order.map { 0.5 * Double($0) }), columns: [order.map(Double.init)], rateHz: 1)
        #expect(segments.count == 1 && (19...21).contains(segments[0].times.count))
        // Two rows a second of a ramp of one a row: steps of two.
        let column = segments[0].columns[0].dropFirst().dropLast()
        #expect(zip(column.dropFirst(), column).allSatisfy { abs($0 - $1 - 2) < 1e-9 })
    }

    @Test func aLongGapEndsASegmentAndAShortOneIsBridged() {
        let rows: [Range<Int>] = [0..<20, 24..<40, 100..<130]
        let seconds: [Double] = rows.joined().map(Double.init)
        let segments = UniformGrid.segments(times: times(seconds), columns: [seconds], rateHz: 1)
        let counts: [Int] = segments.map { $0.times.count }
        #expect(counts == [40, 30])
        #expect(segments[0].columns[0] == (0..<40).map(Double.init))
    }

    @Test func theRateIsTheMedians() {
        #expect(UniformGrid.rate(of: times([0, 0.5, 1, 1.5, 2, 60])) == 2)
        #expect(UniformGrid.rate(of: times([3])) == nil)
        #expect(UniformGrid.rate(of: times([3, 3, 3])) == nil)
    }
}
