import Adaptation
import Logging
import SedgeCore
import Store
import Synchronization
import TestSupport
import Testing

@testable import Agent

/// The way of a feedback through the agent, with a real store and no broker.
@Suite struct FeedbackDeskTests {
    private static let json =
        #"{"topic":"t","id":"s","channels":{"x":"$.x"},"time":"$.ts","reorder_window_ms":0,"hop":4}"#

    static func time(_ milliseconds: Int64) -> Timestamp {
        Timestamp(milliseconds: 1_800_000_000_000 + milliseconds)
    }

    /// A desk with all around it.
    final class Office {
        let test: PipelineUnderTest
        let inbox: FeedbackInbox
        let writer: StoreWriter
        let desk: FeedbackDesk
        private let list = AnswerList()
        private let folder: TemporaryFolder
        private var sample = 0
        private var random = SeededRandom(seed: 7)

        init(_ folder: TemporaryFolder, checkpoints: [Checkpoint] = []) throws {
            self.folder = folder
            let options = StoreOptions(node: try NodeID("n"), bootID: "b")
            let opened = try Store.open(at: folder.file("sedge.db"), options: options, now: FeedbackDeskTests.time(0))
            let memory = try AgentMemory(opened.store)
            writer = StoreWriter(opened.store)
            test = try PipelineUnderTest(FeedbackDeskTests.json, checkpoints: checkpoints, feedback: memory.feedback)
            let wakeup = Wakeup()
            inbox = FeedbackInbox(prefix: "sedge/n/feedback/", wakeup: wakeup)
            let list = self.list
            desk = FeedbackDesk(
                pipeline: test.pipeline, inbox: inbox, writer: writer, wakeup: wakeup,
                log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            ) { _, payload in
                list.add(payload)
                return true
            }
        }

        /// Noise, 100 ms a sample, plus `offset`.
        func feed(_ count: Int, offset: Double = 0) {
            for _ in 0..<count {
                let time = FeedbackDeskTests.time(Int64(sample) * 100)
                test.receive(#"{"ts":\#(time.milliseconds),"x":\#(random.uniform() + offset)}"#, arrival: time)
                sample += 1
            }
            let said = test.outlet.insights.withLock { insights in
                defer { insights = [] }
                return insights
            }
            _ = try? writer.sync { try $0.commit(said, connected: false) }
        }

        var now: Timestamp { FeedbackDeskTests.time(Int64(sample) * 100) }

        /// Says something and waits for the answer.
        ///
        /// - Parameter meanwhile: what happens while the store is asked.
        func say(
            _ payload: String, stream: String = "s", isRetained: Bool = false, meanwhile: () throws -> Void = {}
        ) throws -> FeedbackAnswer {
            let isTaken = Array("sedge/n/feedback/\(stream)".utf8).withUnsafeBytes { topic in
                Array(payload.utf8).withUnsafeBytes { inbox.take(topic: topic, payload: $0, isRetained: isRetained) }
            }
            #expect(isTaken)
            let gate = Wakeup()
            writer.perform { _ in gate.wait() }
            do {
                defer { gate.signal() }
                desk.work(now: now)
                try meanwhile()
            }
            for _ in 0..<1000 where list.isEmpty {
                desk.work(now: now)
                _ = try writer.sync { _ in 0 }
            }
            return try #require(list.take())
        }

        func stop() -> [Checkpoint] {
            writer.close()
            return test.pipeline.checkpoints(includingLanes: true)
        }
    }

    private final class AnswerList: Sendable {
        private let answers = Mutex<[FeedbackAnswer]>([])
        func add(_ payload: [UInt8]) {
            guard let answer = try? PayloadJSON.decode(FeedbackAnswer.self, from: payload) else { return }
            answers.withLock { $0.append(answer) }
        }
        var isEmpty: Bool { answers.withLock { $0.isEmpty } }
        func take() -> FeedbackAnswer? { answers.withLock { $0.isEmpty ? nil : $0.removeFirst() } }
    }

    @Test func aLabelNamesTheStateAndSurvivesARestart() throws {
        let folder = TemporaryFolder()
        var office = try Office(folder)
        office.feed(2000)
        #expect(office.test.stream.status.state == "state-1")
        let (from, to) = (Self.time(150_000).milliseconds, Self.time(199_000).milliseconds)
        let label = #"{"id":"1","label":"idle","from":\#(from),"to":\#(to)}"#
        let answer = try office.say(label)
        #expect(answer.status == .accepted && answer.id == "1" && answer.reason.contains("state-1"))
        office.feed(8)
        #expect(office.test.stream.status.state == "idle")
        #expect(try office.say(label).status == .accepted, "the same again is answered and changes nothing")

        office = try Office(folder, checkpoints: office.stop())
        #expect(office.test.pipeline.revive(try StreamID("s"), topic: "t", lastSeen: office.now, now: office.now))
        #expect(office.test.stream.learner?.lessons.name(ofState: 1) == "idle")
        let undo = try office.say(#"{"id":"2","revoke":"1"}"#)
        #expect(undo.status == .revoked && undo.id == "2")
        #expect(office.test.stream.learner?.lessons.isEmpty == true)
        #expect(try office.say(#"{"id":"2","revoke":"1"}"#).status == .revoked)
        #expect(try office.say(label).status == .revoked, "a revoked one stays revoked")

        office = try Office(folder, checkpoints: office.stop())
        #expect(office.test.pipeline.revive(try StreamID("s"), topic: "t", lastSeen: office.now, now: office.now))
        #expect(office.test.stream.learner?.lessons.isEmpty == true)
        _ = office.stop()
    }

    @Test func aVerdictOnTheLastAnomalyEndsIt() throws {
        let office = try Office(TemporaryFolder())
        office.feed(4000)
        #expect(try office.say(#"{"id":"0","insight":"last","verdict":"normal"}"#).reason.contains("no anomaly"))
        office.feed(200, offset: 40)
        #expect(office.test.stream.status.anomaly)
        let answer = try office.say(#"{"id":"1","insight":"last","verdict":"normal"}"#)
        #expect(answer.status == .accepted && answer.reason.contains("what the stream does now"), "\(answer)")
        office.feed(3000, offset: 40)
        #expect(!office.test.stream.status.anomaly)
        let contrary = try office.say(#"{"id":"2","insight":"last","verdict":"anomaly"}"#)
        #expect(contrary.status == .rejected && contrary.reason.contains("\"1\""), "\(contrary)")
        _ = office.stop()
    }

    @Test func aVerdictDuringAReloadIsAboutTheStreamThatGoesOn() throws {
        let office = try Office(TemporaryFolder())
        office.feed(4000)
        office.feed(200, offset: 40)
        let answer = try office.say(#"{"id":"1","insight":"last","verdict":"normal"}"#) {
            let other = Self.json.replacing(#""x":"$.x""#, with: #""y":"$.y""#)
            let report = try office.test.adopt([other])
            #expect(report.restarted.count == 1)
        }
        #expect(answer.status == .rejected && answer.reason.contains("nothing of this stream"), "\(answer)")
        #expect(office.test.pipeline.book(of: try StreamID("s")).entries.isEmpty)
        _ = office.stop()
    }

    @Test func whatCanNotBeIsRefusedWithItsReason() throws {
        let office = try Office(TemporaryFolder())
        office.feed(2000)
        let from = Self.time(100_000).milliseconds
        func reason(_ payload: String, stream: String = "s") throws -> String {
            let answer = try office.say(payload, stream: stream)
            #expect(answer.status == .rejected, "\(payload): \(answer)")
            return answer.reason
        }
        #expect(try reason("").contains("no JSON"))
        #expect(try reason(String(repeating: "x", count: 5000)).contains("5000 bytes"))
        #expect(try reason(#"{"id":"a","revoke":"b"}"#).contains("no feedback \"b\""))
        #expect(try reason(#"{"id":"a","revoke":"b"}"#, stream: "other").contains("no stream"))
        #expect(try reason(#"{"id":"a","insight":"nope","verdict":"normal"}"#).contains("no insight \"nope\""))
        #expect(try reason(#"{"id":"a","label":"x","from":5,"to":6}"#).contains("no step is remembered"))
        #expect(
            try office.say(#"{"id":"a","label":"x","from":\#(from),"to":\#(from + 20_000)}"#).status == .accepted)
        #expect(
            try reason(#"{"id":"b","label":"y","from":\#(from + 10_000),"to":\#(from + 30_000)}"#)
                .contains("\"x\" of feedback \"a\""))
        #expect(try reason(#"{"id":"a","revoke":"a"}"#).contains("another feedback"))
        #expect(office.test.pipeline.book(of: try StreamID("s")).entries.map(\.id) == ["a"])
        _ = office.stop()
    }

    @Test func aStoreThatCanNotWriteIsToldAndNothingIsLearned() throws {
        let office = try Office(TemporaryFolder())
        office.feed(2000)
        office.writer.close()
        let from = Self.time(150_000).milliseconds
        let payload = #"{"id":"1","label":"idle","from":\#(from),"to":\#(from + 20_000)}"#
        Array("sedge/n/feedback/s".utf8).withUnsafeBytes { topic in
            Array(payload.utf8).withUnsafeBytes { _ = office.inbox.take(topic: topic, payload: $0) }
        }
        office.desk.work(now: office.now)
        #expect(office.test.pipeline.book(of: try StreamID("s")).entries.isEmpty)
        #expect(office.desk.isIdle)
    }

    @Test func whatABrokerRetainedIsNotTakenAnew() throws {
        let office = try Office(TemporaryFolder())
        office.feed(2000)
        let (from, to) = (Self.time(150_000).milliseconds, Self.time(160_000).milliseconds)
        let label = #"{"id":"1","label":"idle","from":\#(from),"to":\#(to)}"#
        let refused = try office.say(label, isRetained: true)
        #expect(refused.status == .rejected && refused.id == "1", "\(refused)")
        #expect(refused.reason.contains("retained"), "\(refused)")
        #expect(try office.say(label).status == .accepted)
        #expect(try office.say(label, isRetained: true).status == .accepted, "it is known, and counts once")
        _ = office.stop()
    }

    @Test func othersTopicsAreLeftAlone() {
        let inbox = FeedbackInbox(prefix: "sedge/n/feedback/", wakeup: Wakeup())
        let isTaken = Array("plant/s/sensors".utf8).withUnsafeBytes { topic in
            Array("{}".utf8).withUnsafeBytes { inbox.take(topic: topic, payload: $0) }
        }
        #expect(!isTaken && inbox.isEmpty)
    }

    @Test func aFloodIsBoundedAndCounted() {
        let inbox = FeedbackInbox(prefix: "f/", wakeup: Wakeup())
        Array("f/s".utf8).withUnsafeBytes { topic in
            Array("{}".utf8).withUnsafeBytes { payload in
                for _ in 0..<1200 { _ = inbox.take(topic: topic, payload: payload) }
            }
        }
        #expect(inbox.takeDropped() == 200 && inbox.takeDropped() == 0)
        var count = 0
        while inbox.next() != nil { count += 1 }
        #expect(count == 1000)
    }
}
