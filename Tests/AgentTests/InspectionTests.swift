import Adaptation
import SedgeCore
import Store
import Synchronization
import TestSupport
import Testing

@testable import Agent

@Suite struct InspectionTests {
    private static let json =
        #"{"topic":"t","id":"s","channels":{"x":"$.x"},"time":"$.ts","insights":["forecast"],"hop":4}"#
    private let folder = TemporaryFolder()

    private static func time(_ milliseconds: Int64) -> Timestamp {
        Timestamp(milliseconds: 1_800_000_000_000 + milliseconds)
    }

    /// A database as an agent leaves it after 2,000 samples of noise.
    private func fill(_ name: String) throws {
        let test = try PipelineUnderTest(Self.json)
        var random = SeededRandom(seed: 7)
        for index in 0..<2000 {
            let time = Self.time(Int64(index) * 100)
            test.receive(#"{"ts":\#(time.milliseconds),"x":\#(random.uniform())}"#, arrival: time)
        }
        let store = try open(name)
        let stream = StoredStream(
            id: try StreamID("s"), topic: "t", firstSeen: Self.time(0), lastSeen: Self.time(199_900),
            retainedTopics: ["sedge/old/state/s"])
        try store.upsertStreams([stream])
        _ = try store.saveCheckpoints(
            test.pipeline.checkpoints(includingLanes: true), at: Self.time(200_000), isUrgent: true)
        try store.addFeedback(
            StoredFeedback(
                stream: stream.id, id: "1", receivedAt: Self.time(5), kind: .label, name: "idle",
                span: TimeSpan(from: Self.time(1), to: Self.time(2)), state: "1", model: "m", examples: [1]))
        try store.close()
    }

    private func open(_ name: String) throws -> Store {
        try Store.open(
            at: folder.file(name), options: StoreOptions(node: try NodeID("n"), bootID: "b"), now: Self.time(0)
        ).store
    }

    private func inspect(_ name: String) throws -> [LearnedStream] {
        try LearnedStream.all(in: try Store.openStopped(at: folder.file(name), isWritable: false))
    }

    @Test func saysWhatWasLearnedAndFromHowMuch() throws {
        try fill("a.db")
        let row = try #require(try inspect("a.db").first)
        #expect(row.stream.description == "s" && row.topic == "t" && row.stepSeconds == 0.4)
        #expect(row.phase == .ready && row.steps ?? 0 > 400 && row.learnedSteps ?? 0 > 400)
        #expect(row.state == "idle" && row.states == 1 && row.stateNames == ["state-1": "idle"])
        #expect(row.labels == ["idle": 1] && row.forecastSteps ?? 0 > 300 && row.rememberedSteps ?? 0 > 200)
        #expect(row.parts.map(\.name) == ["forecast", "lanes", "learner", "preprocessor", "recent", "stream"])
        #expect(row.parts.allSatisfy { $0.problem == nil && $0.savedAt == Self.time(200_000) })
    }

    @Test func aDamagedPartIsNamedAndTheOthersAreRead() throws {
        try fill("a.db")
        let store = try open("a.db")
        let (stream, bytes) = (try StreamID("s"), [UInt8](repeating: 7, count: 50))
        _ = try store.saveCheckpoints(
            [Checkpoint(stream: stream, part: "forecast", data: bytes)], at: Self.time(0), isUrgent: true)
        try store.close()
        let row = try #require(try inspect("a.db").first)
        #expect(row.parts.filter { $0.problem != nil }.map(\.name) == ["forecast"])
        #expect(row.learnedSteps != nil && row.forecastSteps == nil)
    }

    @Test func whatIsExportedIsTheSameOnTheOtherBox() throws {
        try fill("a.db")
        try open("b.db").close()
        let piece = StoredReplay(
            stream: try StreamID("s"), slot: 7, coverage: "state-1/0", seen: 300, data: [1, 2, 3])
        let kept = try open("a.db")
        _ = try kept.saveReplay([piece], model: "m", at: Self.time(0))
        try kept.close()
        let archive = try LearnedArchive(try Store.openStopped(at: folder.file("a.db"), isWritable: false))
        let moved = try LearnedArchive(archive.bytes())
        #expect(moved == archive)
        let store = try Store.openStopped(at: folder.file("b.db"), isWritable: true)
        try moved.restore(into: store, at: Self.time(200_000))
        try store.close()
        #expect(try inspect("b.db") == inspect("a.db"))
        let other = try open("b.db")
        #expect(try other.streams().first?.retainedTopics == [], "the old node's topics are not this one's")
        #expect(try other.loadReplay(stream: piece.stream, model: "m", limit: 10) == [piece])
        try other.close()
        // And the agent goes on from it.
        let test = try PipelineUnderTest(Self.json, checkpoints: moved.checkpoints)
        #expect(test.pipeline.revive(try StreamID("s"), topic: "t", lastSeen: Self.time(0), now: Self.time(0)))
        #expect(test.stream.learner?.isCalibrated == true && test.stream.forecaster?.isReady == true)
    }

    @Test func aDamagedArchiveIsRefused() throws {
        try fill("a.db")
        let bytes = try LearnedArchive(try Store.openStopped(at: folder.file("a.db"), isWritable: false)).bytes()
        var random = SeededRandom(seed: 4)
        for _ in 0..<100 {
            var damaged = bytes
            damaged[Int(random.next() % UInt64(damaged.count))] ^= UInt8(1 << (random.next() % 8))
            #expect(throws: SnapshotError.self) { try LearnedArchive(damaged) }
        }
        #expect(throws: SnapshotError.self) { try LearnedArchive(Array(bytes.dropLast(100))) }
        #expect(throws: SnapshotError.self) { try LearnedArchive([]) }
    }

    @Test func aStreamThatWasResetStartsAfresh() throws {
        try fill("a.db")
        let kept = try open("a.db")
        _ = try kept.saveReplay(
            [StoredReplay(stream: try StreamID("s"), slot: 0, coverage: "-/0", seen: 1, data: [1])], model: "m",
            at: Self.time(0))
        try kept.close()
        var store = try Store.openStopped(at: folder.file("a.db"), isWritable: true)
        #expect(try store.reset(try StreamID("s")))
        #expect(try !store.reset(try StreamID("unknown")))
        try store.close()
        let row = try #require(try inspect("a.db").first)
        #expect(row.learnedSteps == nil && row.parts.map(\.name) == ["stream"] && row.labels == ["idle": 1])
        store = try open("a.db")
        #expect(try store.loadReplay(stream: try StreamID("s")).isEmpty)
        let test = try PipelineUnderTest(Self.json, checkpoints: try store.loadCheckpoints().checkpoints)
        #expect(test.pipeline.revive(try StreamID("s"), topic: "t", lastSeen: Self.time(0), now: Self.time(0)))
        #expect(test.stream.learner == nil)
    }

    /// Learned state that can not be used is that stream's loss alone.
    @Test func aStreamWithCorruptedStateStartsAfreshAndTheOthersGoOn() throws {
        let pattern = #"{"topic":"t/{stream}","channels":{"x":"$.x"},"time":"$.ts","hop":4}"#
        let first = try PipelineUnderTest(pattern)
        var random = SeededRandom(seed: 8)
        for index in 0..<1600 {
            let time = Self.time(Int64(index) * 100)
            for stream in ["one", "two"] {
                first.receive(
                    #"{"ts":\#(time.milliseconds),"x":\#(random.uniform())}"#, topic: "t/\(stream)", arrival: time)
            }
        }
        var saved = first.pipeline.checkpoints(includingLanes: true)
        let index = try #require(saved.firstIndex { $0.stream.description == "one" && $0.part == "learner" })
        var bytes = saved[index].data
        bytes[bytes.count / 2] ^= 1
        saved[index] = Checkpoint(stream: saved[index].stream, part: "learner", data: bytes)
        let second = try PipelineUnderTest(pattern, checkpoints: saved)
        for stream in ["one", "two"] {
            #expect(
                second.pipeline.revive(
                    try StreamID(stream), topic: "t/\(stream)", lastSeen: Self.time(0), now: Self.time(0)))
        }
        #expect(second.pipeline.streams[0].learner == nil)
        #expect(second.pipeline.streams[1].learner?.isCalibrated == true)
        let log = second.outlet.log.withLock { $0 }
        #expect(log.contains("stream=one") && log.contains("learner starts afresh") && !log.contains("stream=two"))
        // Both go on.
        for index in 1600..<3400 {
            let time = Self.time(Int64(index) * 100)
            for stream in ["one", "two"] {
                second.receive(
                    #"{"ts":\#(time.milliseconds),"x":\#(random.uniform())}"#, topic: "t/\(stream)", arrival: time)
            }
        }
        #expect(second.pipeline.streams.allSatisfy { $0.status.phase == .ready })
    }
}
