import SedgeCore
import Testing

@testable import sedge

/// What the doctor says of streams: messages as they came, the agent's states, and the line that follows.
@Suite struct DoctorStreamTests {
    static let now = Timestamp(milliseconds: 1_790_000_000_000)

    private static func configuration(_ streams: String) throws -> Configuration {
        try Configuration(
            json: Array(
                #"{"node": "gw-7", "mqtt": {"username": "gw-7", "password_file": "/p"}, "stream": [\#(streams)]}"#.utf8)
        )
    }

    private static let pump = #"""
        {"topic": "plant/{stream}/sensors", "channels": {"vib": "$.vib", "temp": "$.temp"}, "time": "$.ts", "rate_hz": 10}
        """#

    private static func message(
        _ topic: String, _ payload: String, second: Double = 0, isRetained: Bool = false
    ) -> CapturedMessage {
        CapturedMessage(
            topic: Array(topic.utf8), payload: Array(payload.utf8), arrival: now + Int64((second - 10) * 1e6),
            isRetained: isRetained)
    }

    /// Samples at 10 Hz for ten seconds, each `late` seconds old.
    private static func samples(late: Double = 0, _ body: String = #""vib":1,"temp":2"#) -> [CapturedMessage] {
        (0..<100).map { index in
            let second = Double(index) / 10
            let time = now.milliseconds - 10_000 + Int64((second - late) * 1000)
            return message("plant/pump-1/sensors", #"{"ts":\#(time),\#(body)}"#, second: second)
        }
    }

    private static func state(_ phase: StreamPhase, age: Double = 0.5, score: Double? = nil) -> StateReport {
        StateReport(ts: now + Int64(-age * 1e6), phase: phase, score: score, anomaly: "OFF")
    }

    private static func findings(
        _ messages: [CapturedMessage], streams: String = pump, states: [String: StateReport] = [:],
        listened: Double? = 10, agentIsOnline: Bool? = true
    ) throws -> [Finding] {
        var survey = StreamSurvey(try configuration(streams), now: now)
        for message in messages { survey.read(message) }
        let named = try Dictionary(uniqueKeysWithValues: states.map { (try StreamID($0.key), $0.value) })
        return survey.observed(states: named, listened: listened, agentIsOnline: agentIsOnline).flatMap(\.findings)
    }

    @Test func aStreamThatWorksIsOneLine() throws {
        let findings = try Self.findings(Self.samples(), states: ["pump-1": Self.state(.ready, score: 0.43)])
        #expect(findings == [.ok(.stream, "pump-1", "100 messages (10.0/s), all read; ready, score 0.43")])
    }

    @Test func aLearningStreamIsFine() throws {
        let finding = try #require(try Self.findings(Self.samples(), states: ["pump-1": Self.state(.learning)]).first)
        #expect(finding.level == .ok && finding.found.hasSuffix("learning: scores are not calibrated yet"))
    }

    @Test func whatCanNotBeReadFailsWithTheFirstError() throws {
        let messages = [Self.message("plant/pump-1/sensors", "no json"), Self.message("plant/pump-1/sensors", "{}")]
        let finding = try #require(try Self.findings(messages, states: ["pump-1": Self.state(.learning)]).first)
        #expect(finding.level == .fail && finding.code == .data)
        #expect(finding.found.contains("2 messages (0.2/s), none can be read as json: The payload is not JSON"))
        #expect(
            finding.advice?.contains("mosquitto_sub -h 127.0.0.1 -p 1883 -u gw-7 -P … -v -t 'plant/pump-1/sensors'")
                == true)
    }

    @Test func aFewBadPayloadsAreAWarning() throws {
        let messages = Self.samples() + [Self.message("plant/pump-1/sensors", "[")]
        let finding = try #require(try Self.findings(messages, states: ["pump-1": Self.state(.ready)]).first)
        #expect(finding.level == .warn)
        #expect(finding.found.contains("101 messages") && finding.found.contains("1 of them not read"))
        #expect(finding.found.contains("first error: The payload is not JSON"))
    }

    @Test func aChannelThatNeverComesIsNamedWithItsPath() throws {
        let finding = try #require(
            try Self.findings(Self.samples(#""vib":1"#), states: ["pump-1": Self.state(.ready)]).first)
        #expect(finding.level == .warn && finding.found.hasSuffix("never a number for channel temp ($.temp)"))
    }

    @Test func wrongClocksAreSeenInBothDirections() throws {
        let future = try Self.findings(Self.samples(late: -7200), states: ["pump-1": Self.state(.ready)])
        #expect(future.map(\.level) == [.warn])
        #expect(future[0].found.contains("its times lie up to 2 h in the future and are not believed"))
        let old = try Self.findings(Self.samples(late: 7200), states: ["pump-1": Self.state(.ready, age: 7200)])
        #expect(old.map(\.level) == [.warn])
        #expect(old[0].found.contains("its samples are up to 2 h old when they come"))
    }

    @Test func aStateThatDoesNotFollowItsSamplesIsSeen() throws {
        let behind = try Self.findings(Self.samples(), states: ["pump-1": Self.state(.ready, age: 100)])
        #expect(behind.map(\.level) == [.warn] && behind[0].found.contains("last step lies 100 s behind its samples"))
        let stale = try Self.findings(Self.samples(), states: ["pump-1": Self.state(.stale, age: 3000)])
        #expect(stale.map(\.level) == [.warn] && stale[0].advice?.contains("A step needs 8 samples") == true)
    }

    @Test func aReplayFasterThanTimeIsNotBehind() throws {
        let messages = (0..<100).map { index in
            let time = 1_700_000_000_000 + index * 6000
            return Self.message(
                "plant/pump-1/sensors", #"{"ts":\#(time),"vib":1,"temp":2}"#, second: Double(index) / 10)
        }
        let state = StateReport(
            ts: Timestamp(milliseconds: 1_700_000_000_000 + 540_000), phase: .ready, anomaly: "OFF")
        let finding = try #require(try Self.findings(messages, states: ["pump-1": state]).first)
        #expect(!finding.found.contains("behind"), "\(finding.found)")
    }

    @Test(arguments: [(true, "the agent publishes no state of it"), (false, "no score: the agent is offline")])
    func messagesWithoutAStateFail(isOnline: Bool, text: String) throws {
        let findings = try Self.findings(Self.samples(), agentIsOnline: isOnline)
        #expect(findings.map(\.level) == [.fail] && findings[0].code == .unavailable)
        #expect(findings[0].found.hasSuffix(text))
    }

    @Test func nothingAtAllIsAWarningUntilItIsTooLong() throws {
        let soon = try Self.findings([])
        #expect(soon.map(\.level) == [.warn] && soon[0].found == "no message in 10 s")
        #expect(soon[0].advice?.contains("-t 'plant/+/sensors'") == true)
        let long = try Self.findings([], listened: 300)
        #expect(long.map(\.level) == [.fail] && long[0].found == "no message in 5 min" && long[0].code == .unavailable)
    }

    @Test func aSensorThatFellSilentIsNamed() throws {
        let states = ["pump-2": Self.state(.stale, age: 10_800), "pump-1": Self.state(.ready)]
        let findings = try Self.findings(Self.samples(), states: states)
        #expect(findings.map(\.level) == [.ok, .fail])
        #expect(findings[1].subject == "pump-2")
        #expect(findings[1].found == "no message in 10 s; silent, its last sample is 3 h old")
    }

    @Test func aSlowSensorIsFineWhileTheAgentWatchesIt() throws {
        let states = ["pump-1": Self.state(.ready, age: 40, score: 1)]
        #expect(
            try Self.findings([], states: states)
                == [.ok(.stream, "pump-1", "no message in 10 s; its last state is 40 s old (ready, score 1.00)")])
        #expect(try Self.findings([], states: states, agentIsOnline: false).map(\.level) == [.warn])
    }

    @Test func whatTheBrokerKeptIsNoNews() throws {
        let messages = [Self.message("plant/pump-1/sensors", #"{"ts":1,"vib":1,"temp":2}"#, isRetained: true)]
        let finding = try #require(try Self.findings(messages, states: ["pump-1": Self.state(.ready)]).first)
        #expect(finding.level == .warn)
        #expect(finding.found.contains("0 messages (0.0/s) and 1 that the broker had kept"))
        #expect(finding.found.hasSuffix("nothing new came"))
    }

    @Test func aBrokerThatWasNotReachedIsSaidOnce() throws {
        let findings = try Self.findings([], listened: nil, agentIsOnline: nil)
        #expect(
            findings == [.warn(.stream, "plant/{stream}/sensors", "not listened to: its broker can not be reached")])
    }

    @Test func aPatternThatMakesNoSenseFailsAlone() throws {
        let bad = #"{"topic": "a/{stream", "channels": {"x": "$.x"}}"#
        let findings = try Self.findings(
            Self.samples(), streams: "\(bad),\(Self.pump)", states: ["pump-1": Self.state(.ready)])
        #expect(findings.map(\.level) == [.fail, .ok])
        #expect(findings[0].code == .configuration && findings[0].found.contains("a/{stream"))
        #expect(findings[1].subject == "pump-1")
    }

    @Test func manyFineStreamsAreCounted() throws {
        let messages = (0..<20).map { Self.message("n/s\($0)", "1") }
        let states = Dictionary(uniqueKeysWithValues: (0..<20).map { ("s\($0)", Self.state(.ready)) })
        let findings = try Self.findings(
            messages, streams: #"{"topic": "n/{stream}", "codec": "number", "channels": {"x": "$"}}"#, states: states)
        #expect(findings.count == 9 && findings.allSatisfy { $0.level == .ok })
        #expect(findings.last?.found == "12 more streams are fine too")
    }

    @Test func aTopicThatCanNotNameAStreamIsTold() throws {
        let name = String(repeating: "x", count: 65)
        let findings = try Self.findings([Self.message("plant/\(name)/sensors", "1")])
        #expect(findings.count == 2 && findings[1].level == .warn)
        #expect(
            findings[1].found.contains("\(name)/sensors can not become a stream: the level that names the stream has"))
    }

    @Test func fewerSamplesThanPromisedAreSeen() throws {
        let messages = Self.samples().enumerated().filter { $0.offset % 4 == 0 }.map(\.element)
        let finding = try #require(try Self.findings(messages, states: ["pump-1": Self.state(.ready)]).first)
        #expect(finding.level == .warn && finding.found.contains("fewer samples come than rate_hz = 10.0 says"))
    }
}
