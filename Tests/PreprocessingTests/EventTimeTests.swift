import Preprocessing
import SedgeCore
import Testing

struct EventTimeTests {
    /// Rows of 10 Hz, each late by less than the window.
    @Test(arguments: [nil, 10, 7.3, 25] as [Double?], 0..<10 as Range<UInt64>)
    func anyOrderWithinTheWindowGivesTheSameSteps(rateHz: Double?, seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let window = 0.5
        let settings = StreamPreprocessor.Settings(
            channels: 2, rateHz: rateHz, hop: 3, patch: 5, reorderWindow: window)
        let rows = (0..<200).map { index in
            (time: Double(index) * 0.1, arrival: Double(index) * 0.1, values: [random.normal(), random.normal()])
        }
        var ordered = StreamPreprocessor(settings)
        for row in rows { ordered.append(time: at(row.time), arrival: at(row.arrival), values: row.values.span) }
        ordered.advance(to: at(1000))

        let shuffled = rows.map { (time: $0.time, arrival: $0.time + random.uniform() * window, values: $0.values) }
            .sorted { $0.arrival < $1.arrival }
        var reordered = StreamPreprocessor(settings)
        for row in shuffled { reordered.append(time: at(row.time), arrival: at(row.arrival), values: row.values.span) }
        reordered.advance(to: at(1000))

        let expected = ordered.popAll().map(\.content)
        #expect(expected.count > 40)
        #expect(reordered.popAll().map(\.content) == expected)
        #expect(reordered.counters.late == 0 && reordered.counters.accepted == 200)
    }

    @Test func aRowLaterThanTheWindowIsDroppedAndCounted() {
        var stream = StreamPreprocessor(.plain(rateHz: nil, reorderWindow: 0.5))
        for index in 0..<20 { stream.feed(Double(index) * 0.1, [1]) }
        let taken = stream.append(time: at(0.35), arrival: at(2), values: [5].span)
        #expect(!taken)
        #expect(stream.counters.late == 1 && stream.counters.accepted == 20)
        stream.advance(to: at(10))
        let steps = stream.popAll()
        #expect(steps.count == 20)
        #expect(steps.allSatisfy { $0.patches == [1] })
    }

    @Test func rowsOfOneTimeMergeAndTheLaterMeasurementWins() {
        var stream = StreamPreprocessor(.plain(channels: 3, rateHz: nil, reorderWindow: 0.5))
        stream.feed(0, [1, .nan, 3])
        stream.feed(0, [.nan, 2, 4])
        stream.advance(to: at(1))
        #expect(stream.popAll().map(\.patches) == [[1, 2, 4]])
        #expect(stream.counters.duplicate == 1 && stream.counters.accepted == 2 && stream.counters.samples == 1)
        // Delivered once more after it was used.
        stream.feed(0, [9, 9, 9])
        stream.advance(to: at(2))
        #expect(stream.popAll().isEmpty)
        #expect(stream.counters.duplicate == 2 && stream.counters.late == 0)
    }

    @Test func whatWaitsGoesOnWhenArrivalTimePasses() {
        var stream = StreamPreprocessor(.plain(rateHz: nil, reorderWindow: 0.5))
        stream.feed(0, [1])
        stream.advance(to: at(0.4))
        #expect(stream.popAll().isEmpty)
        stream.advance(to: at(0.5))
        let steps = stream.popAll()
        #expect(steps.count == 1)
        #expect(steps[0].header.time == at(0) && steps[0].header.arrival == at(0))
    }

    @Test func aRowWithoutATimeStandsAtItsArrivalAndDoesNotWait() {
        var stream = StreamPreprocessor(.plain(rateHz: nil, reorderWindow: 0.5))
        stream.append(time: nil, arrival: at(3), values: [7].span)
        let steps = stream.popAll()
        #expect(steps.map(\.header.time) == [at(3)])
        // Two at one instant are two samples.
        stream.append(time: nil, arrival: at(3), values: [8].span)
        #expect(stream.popAll().map(\.patches) == [[8]])
    }

    @Test func aTimeInTheFutureIsReplacedByTheArrivalAndCounted() {
        var stream = StreamPreprocessor(.plain(rateHz: nil))
        stream.append(time: at(60), arrival: at(0), values: [1].span)
        stream.append(time: at(200), arrival: at(61), values: [2].span)
        stream.append(time: Timestamp(microseconds: .max), arrival: at(62), values: [3].span)
        #expect(stream.popAll().map(\.header.time) == [at(60), at(61), at(62)])
        #expect(stream.counters.future == 2)
    }

    @Test(arguments: [nil, 10] as [Double?])
    func aClockThatWentBackDoesNotSilenceTheStream(rateHz: Double?) {
        var stream = StreamPreprocessor(.plain(rateHz: rateHz, reorderWindow: nil))
        for index in 0..<50 { stream.feed(1000 + Double(index) * 0.1, [1]) }
        let before = stream.popAll().count
        #expect(before > 40)
        // Set back by 900 s, then forth again.
        for index in 0..<50 {
            stream.append(
                time: at(105 + Double(index) * 0.1), arrival: at(1005 + Double(index) * 0.1), values: [2].span)
        }
        #expect(stream.counters.clockJumps == 1 && stream.counters.late == 15)
        var steps = stream.popAll()
        #expect(steps.filter(\.header.discontinuity).count == 1)
        #expect(steps.filter { $0.patches == [2] }.count > 25)
        for index in 0..<50 { stream.feed(1010 + Double(index) * 0.1, [3]) }
        stream.advance(to: at(1100))
        steps = stream.popAll()
        #expect(stream.counters.clockJumps == 1 && stream.counters.late == 15)
        #expect(steps.filter { $0.patches == [3] }.count == 50)
        #expect(steps.filter(\.header.discontinuity).count == 1)
    }

    /// A source that delivers what it could not send before, between the present's rows.
    @Test func stragglersBetweenGoodRowsAreNoJump() {
        var stream = StreamPreprocessor(.plain(rateHz: nil))
        for index in 0..<300 {
            let now = at(1000 + Double(index))
            stream.append(time: now, arrival: now, values: [1].span)
            stream.append(time: at(Double(index)), arrival: now, values: [2].span)
        }
        #expect(stream.counters.clockJumps == 0 && stream.counters.late == 300 && stream.counters.accepted == 300)
    }

    @Test func aSlowStreamsClockThatWentBackIsNoticedByTime() {
        var stream = StreamPreprocessor(.plain(rateHz: nil))
        for index in 0..<5 { stream.feed(10_000 + Double(index) * 40, [1]) }
        for index in 0..<5 {
            stream.append(
                time: at(Double(index) * 40), arrival: at(10_200 + Double(index) * 40), values: [2].span)
        }
        #expect(stream.counters.clockJumps == 1 && stream.counters.late == 2)
    }

    @Test func aGatewayClockThatWentBackDoesNotStopWhatWaits() {
        var stream = StreamPreprocessor(.plain(rateHz: nil, reorderWindow: 1))
        stream.feed(1000, [1])
        stream.advance(to: at(0))
        #expect(stream.popAll().count == 1)
    }

    @Test func theRowsOfOnePayloadAreSpreadByTheRate() {
        var stream = StreamPreprocessor(.plain(rateHz: nil))
        for row in 0..<4 {
            stream.append(time: nil, arrival: at(0), values: [Double(row)].span, row: row, of: 4)
        }
        let withoutRate = stream.popAll().map(\.header.time)
        #expect(withoutRate.count == 4 && withoutRate.last == at(0))
        // Without a rate the next payload fills the time since.
        for row in 0..<4 {
            stream.append(time: nil, arrival: at(1), values: [Double(row)].span, row: row, of: 4)
        }
        #expect(stream.popAll().map { seconds($0.header.time) } == [0.25, 0.5, 0.75, 1])
    }

    /// Batches of ten at 100 Hz whose arrival jitters by 20 ms either way.
    @Test(arguments: 0..<5 as Range<UInt64>)
    func batchesThatArriveEarlyLoseNoRow(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var stream = StreamPreprocessor(.plain(rateHz: 100))
        for batch in 1...200 {
            let arrival = at(Double(batch) * 0.1 + (random.uniform() - 0.5) * 0.04)
            for row in 0..<10 {
                stream.append(time: nil, arrival: arrival, values: [1].span, row: row, of: 10)
            }
        }
        #expect(stream.counters.accepted == 2000)
        #expect(stream.counters.late == 0 && stream.counters.duplicate == 0 && stream.counters.gaps == 0)
        #expect(abs(Int(stream.counters.samples) - 2000) < 8)
    }

    /// 20.83 µs a sample: batches join where none is cut to 20.
    @Test(arguments: [true, false]) func aPeriodNeedNotBeWholeMicroseconds(hasTimes: Bool) {
        var stream = StreamPreprocessor(.plain(rateHz: 48_000))
        for batch in 1...3 {
            let end = at(Double(batch) * 0.1)
            for row in 0..<4800 {
                stream.append(time: hasTimes ? end : nil, arrival: end, values: [1].span, row: row, of: 4800)
            }
        }
        #expect(stream.counters.gaps == 0 && stream.counters.late == 0 && stream.counters.duplicate == 0)
        #expect(abs(Int(stream.counters.samples) - 3 * 4800) < 3)
    }

    @Test func aPayloadsOwnTimeIsItsNewestRows() {
        var stream = StreamPreprocessor(.plain(rateHz: 10))
        for row in 0..<5 {
            stream.append(time: at(1), arrival: at(1), values: [Double(row)].span, row: row, of: 5)
        }
        stream.feed(1.1, [5])
        #expect(stream.popAll().map { seconds($0.header.time) } == [0.6, 0.7, 0.8, 0.9, 1])
    }
}
