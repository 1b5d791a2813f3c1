import Inference
import SedgeCore
import Testing

@testable import Adaptation

struct ReplayRecorderTests {
    /// Feeds `steps` steps, an alarm at those in `alarms`; what was ready at the end of each.
    private static func run(
        _ recorder: inout ReplayRecorder, steps: Int, channels: Int = 1, alarms: Range<Int> = 0..<0
    ) -> [(step: Int, entry: ReplayRecorder.Entry)] {
        let source = ReplayFixture.Source(seed: 5, channels: channels)
        var found: [(Int, ReplayRecorder.Entry)] = []
        for step in 0..<steps {
            let next = source.next()
            recorder.observe(
                time: next.time, tapped: next.tapped.span, patches: next.patches.span, state: "state-1",
                isOrdinary: !alarms.contains(step))
            found += recorder.takeReady().map { (step, $0) }
        }
        return found
    }

    @Test func aSegmentIsWhatTheStreamDid() {
        var settings = ReplayFixture.settings
        settings.segmentSteps = 6
        var recorder = ReplayFixture.recorder(settings)
        let found = Self.run(&recorder, steps: 6)
        let source = ReplayFixture.Source(seed: 5)
        let steps = (0..<6).map { _ in source.next() }
        #expect(found.count == 1)
        let segment = found[0].entry.segment
        #expect(segment.tapped == steps.flatMap(\.tapped))
        #expect(segment.start == steps[0].time && segment.end == steps[5].time)
        let unit = Float(ReplayFixture.bundle.preprocessing.clip) / 127
        for (stored, sample) in zip(segment.samples, steps.flatMap(\.patches)) {
            #expect(abs(Float(stored) * unit - sample) <= unit / 2 + 1e-6)
        }
    }

    @Test func segmentsWaitInQuarantine() {
        var settings = ReplayFixture.settings
        settings.segmentSteps = 10
        settings.quarantineSteps = 50
        var recorder = ReplayFixture.recorder(settings)
        let found = Self.run(&recorder, steps: 100)
        #expect(found.first?.step == 59)
        #expect(found.allSatisfy { ($0.step - 59) % 10 == 0 })
    }

    /// What led to an alarm is not trained on.
    @Test func anAlarmTakesAwayWhatLedToIt() {
        var settings = ReplayFixture.settings
        settings.segmentSteps = 10
        settings.quarantineSteps = 50
        var recorder = ReplayFixture.recorder(settings)
        let found = Self.run(&recorder, steps: 400, alarms: 100..<140)
        let start = Timestamp(milliseconds: 1_700_000_000_000)
        let ends = found.map { Int(($0.entry.segment.end - start) / 1_000_000) - 1 }
        #expect(ends.contains { $0 < 50 })
        #expect(!ends.contains { $0 > 50 && $0 < 140 })
        #expect(ends.contains { $0 > 140 })
    }

    /// What an alarm takes away is not counted either.
    @Test func onlyWhatComesThroughHasAPlace() {
        var settings = ReplayFixture.settings
        (settings.segmentSteps, settings.quarantineSteps) = (10, 50)
        var recorder = ReplayFixture.recorder(settings)
        let found = Self.run(&recorder, steps: 400, alarms: 100..<140)
        #expect(found.count > 20 && recorder.coverage.count == found.count)
        #expect(found.last?.entry.place.seen == found.count)
    }

    @Test func everyChannelGetsItsTurn() {
        var recorder = ReplayFixture.recorder(channels: 3)
        let found = Self.run(&recorder, steps: 24 * 30, channels: 3)
        #expect(Set(found.map(\.entry.segment.channel)) == [0, 1, 2])
        #expect(Set(recorder.coverage.counts.keys) == ["state-1/0", "state-1/1", "state-1/2"])
    }

    @Test func aSegmentComesBackFromItsBytes() throws {
        let segment = ReplayFixture.segments(1)[0]
        let size = ReplayFixture.architecture.tapBytes
        #expect(try ReplaySegment(segment.bytes(), tapBytes: size, patch: 8) == segment)
        for index in stride(from: 0, to: segment.bytes().count, by: 31) {
            var damaged = segment.bytes()
            damaged[index] ^= 1
            #expect(throws: SnapshotError.self) { _ = try ReplaySegment(damaged, tapBytes: size, patch: 8) }
        }
        #expect(throws: SnapshotError.self) { _ = try ReplaySegment(segment.bytes(), tapBytes: size + 1, patch: 8) }
    }
}
