import Preprocessing
import SedgeCore
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

struct ResamplingTests {
    @Test(arguments: [10, 7.3, 1, 0.01, 1000] as [Double])
    func rowsThatKeepTheRatePassUnchanged(rateHz: Double) {
        var stream = StreamPreprocessor(.plain(rateHz: rateHz))
        var random = SeededRandom(seed: 1)
        let rows = (0..<500).map { (time: at(Double($0) / rateHz), value: random.normal()) }
        for row in rows { stream.append(time: row.time, arrival: row.time, values: [row.value].span) }
        let steps = stream.popAll()
        #expect(steps.count == 499)
        for (row, step) in zip(rows, steps) {
            // Row times are rounded to a microsecond, grid times are rounded down.
            #expect(abs(step.header.time - row.time) <= 1)
            // The steepest line between two values climbs less than 10 a period.
            #expect(abs(Double(step.patches[0]) - row.value) < 1e-6 + 1e-5 * rateHz)
        }
    }

    /// Any straight line comes out as itself, however it is sampled: interpolation and mean are both unbiased in time.
    @Test(arguments: [0.3, 0.7, 1, 1.5, 2, 3.7, 10], 0..<3 as Range<UInt64>)
    func aStraightLineStaysOne(factor: Double, seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var stream = StreamPreprocessor(.plain(rateHz: 10))
        var steps: [Step] = []
        for index in 0..<2000 {
            let time = at((Double(index) + random.uniform() * 0.9) / (10 * factor))
            stream.append(time: time, arrival: time, values: [3 * seconds(time) - 7].span)
            steps += stream.popAll()
        }
        #expect(abs(Double(steps.count) - 2000 / factor) < 3 + 1 / factor)
        for step in steps.dropFirst() {
            #expect(abs(Double(step.patches[0]) - (3 * seconds(step.header.time) - 7)) < 2e-4)
        }
    }

    /// A sine of 40 grid periods, sampled at `factor` times the grid's rate with jitter of 30 %.
    @Test(arguments: [0.3, 0.5, 1, 2, 3.7, 10], 0..<3 as Range<UInt64>)
    func aJitteredSineComesOutWithinTheBoundOfLinearInterpolation(factor: Double, seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let omega = 2 * Double.pi * 10 / 40
        var stream = StreamPreprocessor(.plain(rateHz: 10))
        var worst = 0.0
        var count = 0
        for index in 0..<3000 {
            let time = at((Double(index) + (random.uniform() - 0.5) * 0.6) / (10 * factor) + 1)
            stream.append(time: time, arrival: time, values: [sin(omega * seconds(time))].span)
            for step in stream.popAll() {
                count += 1
                // Before the second row there is no line yet.
                guard count > 1 else { continue }
                worst = max(worst, abs(Double(step.patches[0]) - sin(omega * seconds(step.header.time))))
            }
        }
        // Lines between points at most 1.6 spacings apart, and the mean over one grid period.
        let spacing = 1.6 / (10 * factor)
        let bound = (omega * spacing) * (omega * spacing) / 8 + (omega * 0.1) * (omega * 0.1) / 24 + 1e-5
        #expect(worst < bound)
        #expect(abs(Double(count) - 3000 / factor) < 3 + 1 / factor)
    }

    @Test func downsamplingTakesNoiseOff() {
        var random = SeededRandom(seed: 4)
        var stream = StreamPreprocessor(.plain(rateHz: 1))
        for index in 0..<100_000 { stream.feed(Double(index) * 0.01, [random.normal()]) }
        let values = stream.popAll().dropFirst().map { Double($0.patches[0]) }
        let deviation = (values.map { $0 * $0 }.reduce(0, +) / Double(values.count)).squareRoot()
        // 100 values a bin: a tenth of the noise is left.
        #expect(abs(deviation - 0.1) < 0.01)
    }

    @Test(arguments: zip([7.3, 29.97, 1.0 / 3, 997], [1_000_000, 20_000, 20_000, 20_000]))
    func aFractionalRateDoesNotDriftOverAMillionSamples(rateHz: Double, count: Int) {
        var stream = StreamPreprocessor(.plain(rateHz: rateHz))
        var patch: [Float] = [0]
        var samples = 0
        var worst = 0.0
        // A row every fifth sample: the rest is interpolated.
        for index in 0...count / 5 {
            let time = at(Double(index * 5) / rateHz)
            stream.append(time: time, arrival: time, values: [1].span)
            var span = patch.mutableSpan
            while let header = stream.popStep(patches: &span) {
                worst = max(worst, abs(seconds(header.time) - Double(samples) / rateHz))
                samples += 1
            }
        }
        #expect(abs(samples - count) <= 1)
        #expect(worst < 1.6e-6)
        #expect(stream.counters.gaps == 0)
    }

    @Test func aShortGapIsBridgedByAStraightLine() {
        var stream = StreamPreprocessor(.plain(rateHz: 10))
        stream.feed(0, [0])
        stream.feed(0.1, [1])
        stream.feed(0.5, [5])
        stream.feed(0.6, [6])
        let steps = stream.popAll()
        #expect(steps.map(\.patches).joined().map { ($0 * 1000).rounded() } == [0, 1000, 2000, 3000, 4000, 5000])
        #expect(steps.allSatisfy { !$0.header.discontinuity && $0.header.missing == 0 })
    }

    @Test(arguments: [10, nil] as [Double?])
    func inALongGapNothingIsInvented(rateHz: Double?) {
        var stream = StreamPreprocessor(.plain(rateHz: rateHz))
        for index in 0..<30 { stream.feed(Double(index) * 0.1, [1]) }
        let gap = 1_000_000.0
        for index in 0..<30 { stream.feed(gap + Double(index) * 0.1, [2]) }
        stream.advance(to: at(gap + 1000))
        let steps = stream.popAll()
        #expect(steps.count == 60)
        #expect(steps.map(\.header.discontinuity).firstIndex(of: true) == 30)
        #expect(steps.filter(\.header.discontinuity).count == 1)
        #expect(stream.counters.gaps == 1)
        #expect(steps[29].header.time == at(2.9) && steps[30].header.time == at(gap))
    }

    @Test func theLongestGapsAreQuick() {
        var stream = StreamPreprocessor(.plain(rateHz: 1000))
        // Ten thousand gaps of eleven days each would be 10¹³ samples.
        for index in 0..<10_000 { stream.feed(Double(index) * 1e6, [1]) }
        #expect(stream.counters.samples == 9999 && stream.counters.gaps == 9998)
    }

    @Test func channelsThatComeApartKeepTheirOwnLines() {
        var stream = StreamPreprocessor(.plain(channels: 2, rateHz: 10))
        for index in 0..<100 {
            let time = Double(index) * 0.1
            stream.feed(time, [time, .nan])
            stream.feed(time + 0.03, [.nan, 100 - time - 0.03])
        }
        let steps = stream.popAll()
        #expect(steps.count == 99)
        for step in steps.dropFirst() {
            #expect(abs(Double(step.patches[0]) - seconds(step.header.time)) < 1e-5)
            #expect(abs(Double(step.patches[1]) - (100 - seconds(step.header.time))) < 1e-4)
            #expect(step.header.missing == 0)
        }
    }

    @Test(arguments: [10, nil] as [Double?])
    func aChannelThatFallsSilentIsHeldAndThenMissing(rateHz: Double?) {
        var stream = StreamPreprocessor(.plain(channels: 2, rateHz: rateHz, maxGap: 4))
        for index in 0..<40 { stream.feed(Double(index) * 0.1, [1, index < 10 ? 5 : .nan]) }
        let steps = stream.popAll()
        #expect(steps.allSatisfy { $0.patches[0] == 1 })
        #expect(steps[..<14].allSatisfy { $0.patches[1] == 5 && $0.header.missing == 0 })
        #expect(steps[14...].allSatisfy { $0.patches[1] == 0 && $0.header.missing == 0.5 })
        #expect(stream.counters.missing == UInt64(steps.count - 14))
        let (times, values) = stream.recentSamples(limit: 3)
        #expect(times == steps.suffix(3).map(\.header.time))
        #expect(values.allSatisfy { $0[0] == 1 && $0[1].isNaN })
    }

    @Test(arguments: [10, nil] as [Double?])
    func nothingFromBeforeAGapStandsInAfterIt(rateHz: Double?) {
        var stream = StreamPreprocessor(.plain(channels: 2, rateHz: rateHz))
        for index in 0..<30 { stream.feed(Double(index) * 0.1, [1, 5]) }
        stream.feed(500, [2, .nan])
        stream.feed(500.1, [2, .nan])
        let steps = stream.popAll()
        let after = steps.first(where: \.header.discontinuity)
        #expect(after?.patches == [2, 0] && after?.header.missing == 0.5)
    }

    @Test func theLastSampleDoesNotWaitForever() {
        var stream = StreamPreprocessor(.plain(rateHz: 10))
        stream.feed(0, [1])
        stream.feed(0.1, [2])
        stream.advance(to: at(0.5))
        #expect(stream.popAll().map(\.patches) == [[1]])
        stream.advance(to: at(1))
        #expect(stream.popAll().map(\.patches) == [[2]])
        stream.advance(to: at(100))
        #expect(stream.popAll().isEmpty)
        // What comes after all is one line with it.
        stream.feed(0.3, [4])
        stream.feed(0.4, [5])
        #expect(stream.popAll().map(\.patches) == [[3], [4]])
    }

    /// Seeded rows of every unpleasant kind.
    @Test(arguments: 0..<40 as Range<UInt64>, [nil, 10] as [Double?])
    func staysFiniteAndInOrderWhateverComes(seed: UInt64, rateHz: Double?) {
        var random = SeededRandom(seed: seed)
        let hard: [Double] = [.nan, .infinity, -.greatestFiniteMagnitude, .greatestFiniteMagnitude, 0, 1, 1e-300, -5]
        var stream = StreamPreprocessor(
            .init(channels: 2, rateHz: rateHz, hop: 2, patch: 4, normalization: .robust(timeConstant: 50)))
        var arrival = 0.0
        var steps = 0
        for _ in 0..<300 {
            arrival += random.uniform() * 0.2
            let times: [Timestamp?] = [
                at(arrival), at(arrival), at(arrival - random.uniform()), nil, at(arrival - 1000 * random.uniform()),
                at(arrival + 100), Timestamp(microseconds: .max), Timestamp(microseconds: .min),
            ]
            let pick = random.uniform() < 0.9 ? Int(random.next() % 3) : Int(random.next() % 8)
            let now = random.uniform() < 0.01 ? Timestamp(microseconds: .min) : at(arrival)
            let row = [hard[Int(random.next() % 8)], random.normal()]
            stream.append(
                time: times[pick], arrival: now, values: row.span, row: Int(random.next() % 3),
                of: random.uniform() < 0.1 ? .max : 3)
            if random.uniform() < 0.01 { stream.advance(to: Timestamp(microseconds: .max)) }
            if random.uniform() < 0.1 { stream.advance(to: at(arrival + random.uniform())) }
            for step in stream.popAll() {
                steps += 1
                #expect(step.patches.allSatisfy { $0.isFinite && abs($0) <= 8 })
                #expect((0...1).contains(step.header.missing))
            }
        }
        #expect(stream.counters.accepted + stream.counters.late + stream.counters.duplicate >= 300)
        #expect(steps > 0)
    }
}
