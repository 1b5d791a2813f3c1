import Preprocessing
import Testing

@testable import Agent

struct QualityWatchTests {
    private static let hour: Int64 = 3600 * 1_000_000_000

    /// What a preprocessor of two channels has found, and the watch that looks at it.
    private struct Stage {
        var counters = PreprocessorCounters()
        var flaws = [ChannelFlaws(), ChannelFlaws()]
        var watch: QualityWatch

        init() { watch = QualityWatch(counters, flaws) }

        mutating func stick(_ channel: Int) {
            counters.stuck += 1
            flaws[channel].stuck += 1
        }

        mutating func look(_ now: Int64) -> QualityWatch.Finding? { watch.finding(in: counters, flaws, now: now) }
    }

    @Test func whatIsSeenAtOnceIsSaidOneAfterTheOther() {
        var stage = Stage()
        stage.stick(1)
        stage.counters.clockJumps = 1
        #expect(stage.look(1) == .init(flaw: .clockJump))
        #expect(stage.look(2) == .init(flaw: .stuckSensor, channels: [1]))
        #expect(stage.look(3) == nil)
    }

    @Test func channelsThatAreCountedAnewAreToldAnew() {
        var stage = Stage()
        stage.stick(0)
        #expect(stage.look(0)?.channels == [0])
        stage.flaws = [ChannelFlaws(), ChannelFlaws()]
        stage.watch.restarted(stage.flaws)
        #expect(stage.look(1) == nil)
        stage.stick(0)
        #expect(stage.look(Self.hour - 1) == nil, "the hour's silence stays")
        #expect(stage.look(Self.hour)?.channels == [0])
    }

    @Test func whatComesWithinTheHourIsSaidAfterIt() {
        var stage = Stage()
        stage.stick(0)
        #expect(stage.look(0) == .init(flaw: .stuckSensor, channels: [0]))
        stage.stick(0)
        #expect(stage.look(Self.hour - 1) == nil)
        #expect(stage.look(Self.hour) == .init(flaw: .stuckSensor, channels: [0]))
        #expect(stage.look(3 * Self.hour) == nil)
    }

    @Test func anotherChannelIsNewsWithinTheHour() {
        var stage = Stage()
        stage.stick(0)
        #expect(stage.look(0)?.channels == [0])
        stage.stick(0)
        stage.stick(1)
        #expect(stage.look(1)?.channels == [1])
        #expect(stage.look(2) == nil)
        #expect(stage.look(Self.hour)?.channels == [0], "what came meanwhile is not forgotten")
        #expect(stage.look(Self.hour + 1) == nil)
    }

    @Test func channelsThatHaveItAtOnceAreNamedTogether() {
        var stage = Stage()
        for channel in 0..<2 {
            stage.counters.missing += 5
            stage.flaws[channel].missing += 5
        }
        #expect(stage.look(0) == .init(flaw: .missingValues, channels: [0, 1]))
    }

    @Test func aFlawOfTheStreamNamesNoChannelAndIsSilentForAnHour() {
        var stage = Stage()
        stage.counters.gaps = 1
        #expect(stage.look(0) == .init(flaw: .gap))
        stage.counters.gaps = 2
        #expect(stage.look(Self.hour - 1) == nil && stage.look(Self.hour) == .init(flaw: .gap))
    }

    @Test func whatWasThereBeforeIsNotNew() {
        var counters = PreprocessorCounters()
        counters.saturated = 5
        var flaws = [ChannelFlaws()]
        flaws[0].saturated = 2
        var watch = QualityWatch(counters, flaws)
        #expect(watch.finding(in: counters, flaws, now: 0) == nil)
    }
}
