import Adaptation
import Inference
import Preprocessing
import SedgeCore
import Synchronization
import Testing

@testable import Agent

/// What a reload does to streams, without broker and files.
@Suite struct PipelineReloadTests {
    private static let stream =
        #"{"topic":"t","id":"s","channels":{"x":"$.x"},"time":"$.ts","reorder_window_ms":0,"hop":4}"#
    private static let every = #","mqtt":{"state_interval_ms":0}"#

    private static func with(_ setting: String, topic: String = "t") -> String {
        stream.replacing(#"{"topic":"t""#, with: #"{\#(setting),"topic":"\#(topic)""#)
    }

    private static func time(_ milliseconds: Int64) -> Timestamp {
        Timestamp(milliseconds: 1_800_000_000_000 + milliseconds)
    }

    /// Seed 7: a stream of noise, 100 ms apart.
    private func feed(_ test: PipelineUnderTest, _ range: Range<Int>, topic: String = "t") {
        var random = SeededRandom(seed: 7)
        for index in 0..<range.upperBound {
            let time = Self.time(Int64(index) * 100)
            let payload = #"{"ts":\#(time.milliseconds),"x":\#(random.uniform())}"#
            if range.contains(index) { test.receive(payload, topic: topic, arrival: time) }
        }
    }

    private func scores(_ test: PipelineUnderTest) -> [Double?] { test.outlet.states.withLock { $0.map(\.score) } }

    /// 1500 samples make the stream ready; the states of the 500 after them.
    private func unbroken() throws -> [Double?] {
        let test = try PipelineUnderTest(Self.stream, mqtt: #"{"state_interval_ms":0}"#)
        feed(test, 0..<2000)
        return scores(test).suffix(100)
    }

    private func ready() throws -> PipelineUnderTest {
        let test = try PipelineUnderTest(Self.stream, mqtt: #"{"state_interval_ms":0}"#)
        feed(test, 0..<1500)
        #expect(test.stream.status.phase == .ready)
        return test
    }

    @Test(arguments: [
        Self.with(#""min_severity":0.9"#), Self.with(#""mute":["Sat 00:00-00:01"]"#),
        Self.with(#""insights":["anomaly"]"#), Self.with(#""stale_after_s":7"#),
    ])
    func aStreamWithOtherSettingsGoesOnBitForBit(_ changed: String) throws {
        let test = try ready()
        let report = try test.adopt([changed], rest: Self.every)
        #expect(report == AdoptionReport(kept: 1, altered: [test.stream.id]))
        feed(test, 1500..<2000)
        #expect(scores(test).suffix(90) == (try unbroken()).suffix(90))
        #expect(test.outlet.states.withLock { $0.last?.config } == "adopted")
    }

    @Test func anotherReorderWindowKeepsWhatWasLearned() throws {
        let test = try ready()
        let patient = Self.stream.replacing(#""reorder_window_ms":0"#, with: #""reorder_window_ms":500"#)
        #expect(try test.adopt([patient], rest: Self.every).kept == 1)
        #expect(test.stream.preprocessor.settings.reorderWindow == 0.5)
        #expect(test.stream.learner?.isCalibrated == true)
        feed(test, 1500..<2000)
        #expect(test.stream.preprocessor.counters.accepted == 2000)
        #expect(Set(test.outlet.states.withLock { $0.suffix(100).map(\.phase) }) == [.ready])
    }

    @Test func otherKernelsOrThreadsChangeNoByte() throws {
        let test = try ready()
        let before = test.pipeline.models.standard
        #expect(try test.adopt([Self.stream], rest: Self.every, newEncoders: true).kept == 1)
        #expect(test.pipeline.models.standard !== before)
        #expect(before.encoder.laneCount == 0, "lanes have moved")
        feed(test, 1500..<2000)
        #expect(scores(test).suffix(100) == (try unbroken()))
    }

    @Test func anotherRateOfAlarmsKeepsWhatWasLearned() throws {
        let test = try ready()
        let rest = Self.every + #","adaptation":{"alarms_per_week":9}"#
        #expect(try test.adopt([Self.stream], rest: rest).kept == 1)
        #expect(test.stream.learner?.configuration.alarmsPerWeek == 9)
        #expect(test.stream.learner?.isCalibrated == true)
    }

    @Test func anotherShapeStartsAfreshAndIsTakenBackWhole() throws {
        let test = try ready()
        let other = Self.stream.replacing(#""x":"$.x""#, with: #""x":"$.y""#)
        #expect(try test.adopt([other], rest: Self.every).restarted == [test.stream.id])
        #expect(test.stream.learner == nil && test.stream.status.phase == .learning)
        #expect(test.outlet.log.withLock { $0 }.contains("learns afresh"))
        #expect(try test.adopt([Self.stream], rest: Self.every).restarted == [test.stream.id])
        #expect(test.stream.status.phase == .ready)
        feed(test, 1500..<2000)
        #expect(scores(test).suffix(100) == (try unbroken()), "as if nothing had happened")
    }

    @Test func aStreamThatLeavesAndComesBackKnowsWhatItKnew() throws {
        let test = try ready()
        let other = #"{"topic":"u","id":"u","channels":{"x":"$.x"}}"#
        let report = try test.adopt([other], rest: Self.every)
        #expect(report.departed.map(\.description) == ["s"])
        #expect(test.pipeline.streams.isEmpty)
        feed(test, 1500..<1501)
        #expect(test.pipeline.streams.isEmpty, "its topic is no stream's any more")
        _ = try test.adopt([other, Self.stream], rest: Self.every)
        feed(test, 1500..<2000)
        #expect(scores(test).suffix(100) == (try unbroken()))
    }

    @Test func aStreamWithAnIdTakesItsNameToAnotherTopic() throws {
        let test = try ready()
        let moved = Self.stream.replacing(#""topic":"t""#, with: #""topic":"elsewhere""#)
        let id = test.stream.id
        #expect(try test.adopt([moved], rest: Self.every) == AdoptionReport(kept: 1, altered: [id], moved: [id]))
        feed(test, 1500..<2000, topic: "elsewhere")
        #expect(scores(test).suffix(100) == (try unbroken()))
        #expect(test.pipeline.streams.count == 1)
    }

    @Test func othersHearNothingOfAChange() throws {
        let test = try ready()
        let new = #"{"topic":"u/{stream}","channels":{"x":"$.x"}}"#
        #expect(try test.adopt([new, Self.stream], rest: Self.every) == AdoptionReport(kept: 1))
        test.receive(#"{"x":1}"#, topic: "u/pump", arrival: Self.time(150_000))
        #expect(test.pipeline.streams.map(\.id.description) == ["s", "pump"])
        feed(test, 1500..<2000)
        #expect(scores(test).filter { $0 != nil }.suffix(100) == (try unbroken()).suffix(100))
    }

    /// A model that is taken back, and its repaired successor, come within minutes.
    @Test func aSecondModelSoonAfterTheFirstIsRehearsedToo() throws {
        let third = try ModelBundle.random(architecture: PipelineUnderTest.otherBundle.architecture, seed: 8)
        for bundles in [[PipelineUnderTest.otherBundle], [PipelineUnderTest.otherBundle, PipelineUnderTest.bundle]] {
            let test = try ready()
            for bundle in bundles + [third] {
                _ = try test.adopt([Self.stream], bundle: bundle, rest: Self.every)
                #expect(test.stream.status.phase == .ready && test.stream.model.name == bundle.fingerprint)
            }
            #expect(!test.outlet.log.withLock { $0 }.contains("learns afresh"))
        }
    }

    /// The preprocessor that goes on counts the channels' flaws anew.
    @Test func aFlawAfterAnotherReorderWindowIsTold() throws {
        let test = try PipelineUnderTest(Self.stream)
        feed(test, 0..<1500)
        func stick(_ range: Range<Int>) {
            for index in range {
                let time = Self.time(Int64(index) * 100)
                test.receive(#"{"ts":\#(time.milliseconds),"x":0.25}"#, arrival: time)
            }
        }
        func told() -> Int { test.outlet.insights.withLock { $0.count { $0.detail == "stuck-sensor" } } }
        stick(1500..<3500)
        #expect(told() == 1)
        let patient = Self.stream.replacing(#""reorder_window_ms":0"#, with: #""reorder_window_ms":500"#)
        _ = try test.adopt([patient])
        var random = SeededRandom(seed: 9)
        for index in 3500..<4000 {
            let time = Self.time(Int64(index) * 100)
            test.receive(#"{"ts":\#(time.milliseconds),"x":\#(random.uniform())}"#, arrival: time)
        }
        test.advance(seconds: 7200, to: Self.time(400_000))
        stick(4000..<8000)
        #expect(told() == 2)
    }

    /// Another encoder, and another shape, under a sensor that may be dead.
    @Test func aSilentStreamIsNotMadeLiveByAReload() throws {
        let test = try ready()
        test.advance(seconds: 400, to: Self.time(550_000))
        #expect(test.stream.status.phase == .stale)
        _ = try test.adopt([Self.stream], bundle: PipelineUnderTest.otherBundle, rest: Self.every)
        #expect(test.stream.status.phase == .stale && test.stream.status.config == "adopted")
        test.receive(#"{"ts":\#(Self.time(550_000).milliseconds),"x":0.5}"#, arrival: Self.time(550_000))
        #expect(test.stream.status.phase == .ready)
        // A pause counts as the stream's own pace, until more samples have come.
        test.advance(seconds: 2000, to: Self.time(2_550_000))
        _ = try test.adopt([Self.stream.replacing("$.x", with: "$.y")], rest: Self.every)
        #expect(test.stream.status.phase == .stale)
        test.receive(#"{"ts":\#(Self.time(2_550_000).milliseconds),"y":0.5}"#, arrival: Self.time(2_550_000))
        #expect(test.stream.status.phase == .learning)
    }

    @Test func anotherModelGoesOnCalibratedAndRaisesNoAlarm() throws {
        let test = try ready()
        let before = test.outlet.states.withLock { $0.count }
        var signsOfLife = 0
        test.pipeline.whileBusy = { signsOfLife += 1 }
        _ = try test.adopt([Self.stream], bundle: PipelineUnderTest.otherBundle, rest: Self.every)
        #expect(signsOfLife == StepHistory.capacity)
        #expect(test.stream.status.phase == .ready)
        #expect(test.outlet.log.withLock { $0 }.contains("rebuilt from its last steps"))
        feed(test, 1500..<2500)
        let states = test.outlet.states.withLock { $0[before...] }
        // One more may say that the model is another before that has judged a step.
        #expect(states.count >= 250 && states.allSatisfy { $0.phase == .ready })
        #expect(states.suffix(250).allSatisfy { $0.score != nil })
        #expect(test.outlet.insights.withLock { $0.filter { $0.kind == .anomaly } } == [])
        #expect(test.pipeline.counts == StreamCounts())
    }

    @Test func aShortPastIsNotEnoughForAnotherModel() throws {
        let test = try PipelineUnderTest(Self.stream)
        feed(test, 0..<800)
        _ = try test.adopt([Self.stream], bundle: PipelineUnderTest.otherBundle, rest: Self.every)
        #expect(test.stream.status.phase == .learning)
        #expect(test.outlet.log.withLock { $0 }.contains("learns afresh"))
        feed(test, 800..<1500)
        #expect(test.stream.status.phase == .ready, "what was seen before counts")
    }

    @Test func aModelIsTakenBackWhole() throws {
        let test = try ready()
        let report = try test.adopt([Self.stream], bundle: PipelineUnderTest.otherBundle, rest: Self.every)
        #expect(report.restarted == [test.stream.id])
        #expect(test.stream.model.name == PipelineUnderTest.otherBundle.fingerprint)
        #expect(test.pipeline.models.all.count == 1, "one under both names, and the former is gone")
        _ = try test.adopt([Self.stream], rest: Self.every)
        feed(test, 1500..<2000)
        #expect(scores(test).suffix(100) == (try unbroken()))
    }

    @Test func oneStreamMayHaveAModelOfItsOwn() throws {
        let test = try ready()
        let second = Self.stream.replacing(#""topic":"t","id":"s""#, with: #""topic":"u","id":"u","bundle":"other""#)
        #expect(try test.adopt([Self.stream, second], rest: Self.every).kept == 1)
        feed(test, 0..<100, topic: "u")
        feed(test, 1500..<2000)
        #expect(
            test.pipeline.streams.map(\.model.name) == [
                PipelineUnderTest.bundle.fingerprint, PipelineUnderTest.otherBundle.fingerprint,
            ])
        let states = test.outlet.states.withLock { $0 }
        #expect(Set(states.compactMap(\.model)).count == 2)
        #expect(scores(test).suffix(100) == (try unbroken()))
    }

    @Test func countsNeverGoBack() throws {
        let test = try PipelineUnderTest(Self.stream)
        feed(test, 0..<100)
        test.receive(#"{"ts":\#(Self.time(0).milliseconds),"x":1}"#, arrival: Self.time(10_000))
        #expect(test.pipeline.counts.late == 1)
        _ = try test.adopt([])
        #expect(test.pipeline.counts.late == 1)
        #expect(test.pipeline.decoded == 101)
    }
}
