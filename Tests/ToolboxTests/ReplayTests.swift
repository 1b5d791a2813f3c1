import ArgumentParser
import SedgeCore
import Testing

@testable import sedge

@Suite struct ReplayTests {
    private static let now = Timestamp(milliseconds: 1_700_000_000_000)

    /// One channel whose values count from `first`; times in seconds.
    private func recording(_ seconds: [Double]?, rows: Int? = nil, first: Double = 0) -> Recording {
        let count = seconds?.count ?? rows!
        return Recording(
            channels: ["x"], columns: [(0..<count).map { first + Double($0) }],
            times: seconds?.map { Timestamp(microseconds: Int64($0 * 1e6)) }, labels: ["anomaly"],
            labelColumns: [(0..<count).map { "\($0 % 2)" }], rowCount: count)
    }

    private func source(_ recording: Recording, _ stream: String) -> Replay.Source {
        Replay.Source(recording: recording, stream: stream, topic: "plant/\(stream)/sensors")
    }

    /// Plays as fast as possible, and gives what was published.
    private func play(
        _ sources: [Replay.Source], times: ReplayTimes = .original, limit: Int? = nil, loops: Bool = false,
        sink: RecordingSink = RecordingSink()
    ) -> (sink: RecordingSink, labels: [String: LabelFile]) {
        var replay = Replay(
            sources: sources, pace: .unlimited, times: times, interval: 0.5, now: Self.now, limit: limit,
            loops: loops, labelFile: { $0 + ".csv" })
        let done = replay.run(into: sink, began: 0, now: Self.now) { _, _ in }
        #expect(done == sink.messages.count)
        return (sink, replay.labelFiles)
    }

    @Test func publishesEveryRowWithItsTime() {
        let sink = play([source(recording([10, 11, 12.5]), "a")]).sink
        #expect(
            sink.messages == [
                .init(topic: "plant/a/sensors", payload: #"{"ts":10000,"x":0}"#, isLast: false),
                .init(topic: "plant/a/sensors", payload: #"{"ts":11000,"x":1}"#, isLast: false),
                .init(topic: "plant/a/sensors", payload: #"{"ts":12500,"x":2}"#, isLast: true),
            ])
    }

    @Test func playsStreamsTogetherAndFilesOfAStreamInTurn() {
        let sources = [
            source(recording([100, 101]), "a"), source(recording([5, 5.5], first: 10), "b"),
            source(recording([200, 201], first: 20), "a"),
        ]
        let payloads = play(sources).sink.messages.map(\.payload)
        #expect(
            payloads == [
                #"{"ts":100000,"x":0}"#, #"{"ts":5000,"x":10}"#, #"{"ts":5500,"x":11}"#, #"{"ts":101000,"x":1}"#,
                #"{"ts":200000,"x":20}"#, #"{"ts":201000,"x":21}"#,
            ])
    }

    @Test func shiftsTimesSoThatTheLastIsNow() {
        let sink = play([source(recording([10, 11, 12.5]), "a")], times: .now).sink
        let last = Self.now.milliseconds
        #expect(
            sink.messages.map(\.payload) == [
                #"{"ts":\#(last - 2500),"x":0}"#, #"{"ts":\#(last - 1500),"x":1}"#, #"{"ts":\#(last),"x":2}"#,
            ])
    }

    @Test func loopsWithTimesThatGoOn() {
        let payloads = play([source(recording([10, 11]), "a")], limit: 5, loops: true).sink.messages.map(\.payload)
        #expect(
            payloads == [
                #"{"ts":10000,"x":0}"#, #"{"ts":11000,"x":1}"#, #"{"ts":12000,"x":0}"#, #"{"ts":13000,"x":1}"#,
                #"{"ts":14000,"x":0}"#,
            ])
        let retimed = play([source(recording([10, 11]), "a")], times: .now, limit: 5, loops: true).sink.messages
        #expect(retimed.last?.payload == #"{"ts":\#(Self.now.milliseconds),"x":0}"#)
    }

    @Test func aFileWithoutTimesBeginsNow() {
        let payloads = play([source(recording(nil, rows: 2), "a")]).sink.messages.map(\.payload)
        #expect(payloads == [#"{"ts":1700000000000,"x":0}"#, #"{"ts":1700000000500,"x":1}"#])
    }

    @Test func aLateRowIsSentInItsPlace() {
        let timeline = ReplayTimeline(tracks: [.init(stream: 0, offsets: [0, 2, 1, 3])])
        #expect(timeline.map(\.row) == [0, 1, 2, 3])
        #expect(timeline.map(\.due) == [0, 2, 2, 3])
        #expect(timeline.map(\.offset) == [0, 2, 1, 3])
    }

    @Test func labelsGoToAFileWithThePublishedTimes() throws {
        let (_, labels) = play([source(recording([10, 11, 12.5]), "a")], times: .now, limit: 2)
        let folder = temporaryPath("labels.csv")
        var file = try #require(labels["a"])
        #expect(file.path == "a.csv")
        file = LabelFile(path: folder, labels: ["an,omaly", "b"])
        file.append(ts: Timestamp(milliseconds: 5), values: ["x \"y\"", "0"])
        try file.write()
        let text = String(decoding: try FileBytes.contents(of: folder), as: UTF8.self)
        #expect(text == "ts,\"an,omaly\",b\n5,\"x \"\"y\"\"\",0\n")
    }

    @Test func filesOfOneStreamHaveTheSameLabels() throws {
        let (first, second) = (temporaryPath("labels-1.csv"), temporaryPath("labels-2.csv"))
        try FileBytes.write(Array("x,anomaly\n1,0\n".utf8), to: first)
        try FileBytes.write(Array("x,anomaly,changepoint\n1,0,1\n".utf8), to: second)
        let command = try ReplayCommand.parse(
            [first, second, "--stream", "s", "--labels-file", temporaryPath("truth.csv"), "--port", "1"])
        let refused = Failure(
            .data, "files of s differ in their label columns: found anomaly, changepoint, expected anomaly")
        #expect(throws: refused) { try command.run() }
    }

    @Test func stopsWhereTheSinkSaysSo() {
        let sink = play([source(recording([1, 2, 3, 4]), "a")], sink: RecordingSink(capacity: 2)).sink
        #expect(sink.messages.count == 2)
    }

    @Test(arguments: [
        ("valve1/1.csv", "1"), ("Machine Temperature (C).csv", "Machine-Temperature-C"),
        ("/a/b/träger.v2.npy", "tr-ger-v2"),
        (".hidden", "hidden"), ("///", "stream"), ("über.csv", "ber"),
        (String(repeating: "a", count: 90), String(repeating: "a", count: 64)),
    ])
    func namesAStreamAfterItsFile(path: String, name: String) throws {
        #expect(StreamName.fromFile(path) == name)
        _ = try StreamID(name)
    }

    @Test func fillsPatterns() {
        #expect(StreamName.filled("a/{stream}/b/{stream}", with: "x") == "a/x/b/x")
        #expect(StreamName.filled("{strea}/{stream", with: "x") == "{strea}/{stream")
    }
}
