import Preprocessing
import SedgeCore
import Testing

struct StepTests {
    @Test(arguments: 1...8)
    func aStepIsDueEveryHopSamplesOnceThePatchIsFull(hop: Int) {
        let patch = 8
        var stream = StreamPreprocessor(
            .init(
                channels: 2, hop: hop, patch: patch,
                normalization: .fixed(levels: [0, 0], scales: [1, 1], clip: 1e6)))
        var due: [Int] = []
        for index in 0..<200 {
            stream.append(time: nil, arrival: at(Double(index)), values: [Double(index), -Double(index)].span)
            for step in stream.popAll() {
                due.append(index)
                // (channel, patch), oldest first.
                let expected = (0..<patch).map { Float(index - patch + 1 + $0) }
                #expect(step.patches == expected + expected.map { -$0 })
                #expect(step.header.time == at(Double(index)) && step.header.arrival == at(Double(index)))
            }
        }
        #expect(due == Array(stride(from: patch - 1, to: 200, by: hop)))
        #expect(stream.counters.steps == UInt64(due.count) && stream.counters.samples == 200)
    }

    @Test func stepsThatAreFetchedLateAreTheSame() {
        let settings = StreamPreprocessor.Settings(channels: 1, rateHz: 10, hop: 3, patch: 8)
        var prompt = StreamPreprocessor(settings)
        var lazy = StreamPreprocessor(settings)
        var random = SeededRandom(seed: 1)
        var expected: [Step] = []
        for index in 0..<1000 {
            let value = random.normal()
            prompt.feed(Double(index) * 0.1, [value])
            lazy.feed(Double(index) * 0.1, [value])
            expected += prompt.popAll()
        }
        #expect(lazy.popAll() == expected)
    }

    @Test func stepsThatNobodyFetchesAreDroppedAndCounted() {
        var stream = StreamPreprocessor(.init(channels: 1, hop: 8, patch: 8))
        for index in 0..<20_000 { stream.append(time: nil, arrival: at(Double(index)), values: [1].span) }
        let steps = stream.popAll()
        #expect((500...520).contains(steps.count))
        #expect(Int(stream.counters.droppedSteps) + steps.count == 2500)
        #expect(steps.last?.header.time == at(19_999))
    }

    @Test func aGapIsFlaggedOnceWhateverTheHop() {
        for hop in 1...8 {
            var stream = StreamPreprocessor(.init(channels: 1, rateHz: 10, hop: hop, patch: 8, reorderWindow: 0))
            for index in 0..<60 { stream.feed(Double(index) * 0.1 + (index < 30 ? 0 : 500), [1]) }
            let steps = stream.popAll()
            #expect(steps.filter(\.header.discontinuity).count == 1, "hop \(hop)")
            let flagged = steps.first(where: \.header.discontinuity)!
            #expect(seconds(flagged.header.time) >= 500 && seconds(flagged.header.time) < 500 + 0.1 * Double(hop) + 3)
        }
    }

    @Test func learnsNothingInAMaintenanceWindow() {
        var stream = StreamPreprocessor(.init(channels: 1, hop: 1, patch: 1))
        for index in 0..<100 { stream.append(time: nil, arrival: at(Double(index)), values: [Double(index % 5)].span) }
        let before = stream.normalizer(of: 0)
        stream.learns = false
        for index in 100..<200 { stream.append(time: nil, arrival: at(Double(index)), values: [1e6].span) }
        #expect(stream.normalizer(of: 0).level == before.level && stream.normalizer(of: 0).scale == before.scale)
        stream.rebaseline(channel: 0, level: 1e6, scale: 2)
        #expect(stream.normalizer(of: 0).level == 1e6)
    }

    @Test func keepsTheNewestRawSamples() {
        var stream = StreamPreprocessor(.init(channels: 2, hop: 1, patch: 1))
        #expect(stream.recentSamples(limit: 5).times.isEmpty)
        for index in 0..<100 {
            stream.append(time: nil, arrival: at(Double(index)), values: [Double(index), 0.5].span)
        }
        let (times, values) = stream.recentSamples(limit: 3)
        #expect(times == [at(97), at(98), at(99)])
        #expect(values == [[97, 0.5], [98, 0.5], [99, 0.5]])
        #expect(stream.recentSamples(limit: 1000).times.count == 64)
        #expect(stream.recentSamples(limit: 1000).values.first == [36, 0.5])
    }

    #if os(Linux)
        @Test func aHopBeyondThePatchIsAProgrammersMistake() async {
            await #expect(processExitsWith: .failure) { _ = StreamPreprocessor.Settings(channels: 1, hop: 9, patch: 8) }
        }
    #endif
}
