import Control
import Messaging
import SedgeCore
import TestSupport
import Testing

@testable import sedge

@Suite struct SchemaTests {
    static let names = [
        "insight", "state", "health", "availability", "discovery", "reported", "envelope", "feedback", "feedback-ack",
    ]

    /// The repository's folder of schemas, found from this file.
    private static func bytes(_ name: String, file: String = #filePath) throws -> [UInt8] {
        let root = file.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")
        return try FileBytes.contents(of: "\(root)/docs/schema/\(name).json")
    }

    private static func validator(_ name: String) throws -> SchemaValidator {
        try SchemaValidator(schema: bytes(name))
    }

    private static var insight: Insight {
        get throws {
            var insight = Insight(
                id: "e-1", kind: .anomaly, phase: .start, node: try NodeID("gw-7"), stream: try StreamID("pump-1"),
                ts: Timestamp(milliseconds: 1_700_000_000_000))
            insight.start = Timestamp(milliseconds: 1_700_000_000_000)
            insight.end = Timestamp(milliseconds: 1_700_000_000_100)
            insight.seq = 3
            insight.bootID = "b"
            insight.severity = 0.5
            insight.score = 4
            insight.pValue = 1e-5
            insight.confidence = 0.9
            insight.forecast = InsightForecast(
                horizons: [0.8], channels: ["vibration": .init(p10: [1], p50: [2], p90: [3])])
            insight.detail = "x"
            insight.previous = "y"
            insight.reason = "better"
            insight.figures = ["loss_before": 1]
            insight.channels = ["vibration": 1]
            insight.context = InsightContext(
                ts: [Timestamp(milliseconds: 1)], samples: ["vibration": [0.5], "current": [nil]])
            insight.model = "m"
            insight.config = "c"
            insight.resend = true
            return insight
        }
    }

    private static var health: Health {
        Health(
            ts: Timestamp(milliseconds: 5), uptime: 1.5, rssBytes: 1, cpuPercent: 0.5, queueDepth: 0, droppedTotal: 0,
            decodeErrorsTotal: 0, lateTotal: 0, suppressedTotal: 0, insightsLostTotal: 0, flashBytesWrittenTotal: 0,
            messagesPerSecond: 0, messagesTotal: 0, streams: 0,
            kernel: "scalar", reconnectsTotal: 0, outboxPending: 0, model: nil, version: "0.1.0", bootID: "b")
    }

    /// One full value of each payload that is JSON.
    private static func payload(_ name: String) throws -> JSONValue {
        switch name {
        case "insight": return try JSONValue(parsing: PayloadJSON.encode(insight))
        case "health": return try JSONValue(parsing: PayloadJSON.encode(health))
        default:
            var status = StreamStatus(ts: Timestamp(milliseconds: 5), phase: .ready, anomaly: true)
            status.drift = true
            return try JSONValue(parsing: PayloadJSON.encode(status))
        }
    }

    @Test(arguments: names)
    func everySchemaIsUnderstoodAndItsExamplesAreValid(name: String) throws {
        let validator = try Self.validator(name)
        #expect(!validator.examples.isEmpty)
        for example in validator.examples { #expect(validator.problems(in: example) == []) }
    }

    @Test func whatIsPublishedIsValid() throws {
        let validator = try Self.validator("insight")
        #expect(validator.problems(in: PayloadJSON.encode(try Self.insight)) == [])
        for kind in InsightKind.allCases {
            let bare = Insight(
                id: "e", kind: kind, phase: .point, node: try NodeID("n"), stream: try StreamID("s"),
                ts: Timestamp(milliseconds: -5))
            #expect(validator.problems(in: PayloadJSON.encode(bare)) == [])
        }
        for phase in [StreamPhase.learning, .ready, .muted, .stale] {
            let status = StreamStatus(ts: Timestamp(milliseconds: 5), phase: phase)
            #expect(try Self.validator("state").problems(in: PayloadJSON.encode(status)) == [])
        }
        #expect(try Self.validator("health").problems(in: PayloadJSON.encode(Self.health)) == [])
        for id in ["1", nil] {
            let answer = PayloadJSON.encode(FeedbackAnswer(id: id, .rejected, "why"))
            #expect(try Self.validator("feedback-ack").problems(in: answer) == [])
        }
    }

    @Test func discoveryIsValid() throws {
        let discovery = HomeAssistantDiscovery(
            topics: Topics(node: try NodeID("gw-7")), version: "0.1.0")
        let payload = discovery.payload(
            streams: [.init(id: try StreamID("pump-1"), insights: Set(InsightKind.allCases))],
            removed: [try StreamID("gone")], takesModels: true, offered: 3)
        #expect(try Self.validator("discovery").problems(in: payload) == [])
    }

    @Test func whatControlSendsAndReportsIsValid() throws {
        let key = SigningKey()
        let scope = EnvelopeScope.group(try GroupID("plant"))
        var envelope = key.sign([1, 2], kind: .bundle, scope: scope, version: 7)
        #expect(try Self.validator("envelope").problems(in: envelope.json()) == [])
        envelope = key.sign([1, 2], kind: .bundle, scope: scope, version: 7) { header in
            header.only = (try? NodeID("gw-7")).map { [$0] }
            header.notBefore = Timestamp(milliseconds: 5)
            header.expires = Timestamp(milliseconds: 6)
            header.waits = true
        }
        #expect(try Self.validator("envelope").problems(in: envelope.json()) == [])
        let reported = try Self.validator("reported")
        var state = ReportedState(
            ts: Timestamp(milliseconds: 5), status: "active", active: ["all": 3], groups: ["plant"])
        #expect(reported.problems(in: PayloadJSON.encode(state)) == [])
        state.describe(envelope.header)
        state.reason = "x"
        state.progress = 0.5
        state.installed = "a"
        state.available = "b"
        state.availableVersion = 7
        state.trusted = ["\(key.trusted.id)"]
        #expect(reported.problems(in: PayloadJSON.encode(state)) == [])
        for status in RolloutState.allCases {
            state.status = status.rawValue
            #expect(reported.problems(in: PayloadJSON.encode(state)) == [])
        }
    }

    @Test func schemasKnowEveryKeyThatIsPublished() throws {
        for name in ["insight", "state", "health"] {
            guard case .object(let schema) = try JSONValue(parsing: Self.bytes(name)),
                case .object(let properties)? = schema["properties"],
                case .object(let payload) = try Self.payload(name)
            else { throw Failure(.software, "\(name) is no object") }
            #expect(Set(payload.keys) == Set(properties.keys))
        }
    }

    /// What the schema calls valid, the agent understands; what it does not, the agent refuses.
    @Test(arguments: [
        (#"{"id":"1","insight":"last","verdict":"normal"}"#, true),
        (#"{"id":"1","verdict":"anomaly","from":5,"to":6}"#, true),
        (#"{"v":1,"id":"1","label":"spin","from":5,"to":6}"#, true), (#"{"id":"1","revoke":"2"}"#, true),
        (#"{"id":"1","verdict":"normal"}"#, false), (#"{"id":"1","insight":"last"}"#, false),
        (#"{"id":"1","label":"x","from":5}"#, false), (#"{"id":"","revoke":"2"}"#, false),
        (#"{"revoke":"2"}"#, false), (#"{"id":"1","revoke":"2","more":1}"#, false), ("[]", false),
    ])
    func feedbackIsReadAsTheSchemaHasIt(text: String, isValid: Bool) throws {
        #expect(try Self.validator("feedback").problems(in: Array(text.utf8)).isEmpty == isValid)
        #expect(((try? Feedback(payload: Array(text.utf8))) != nil) == isValid)
    }

    /// Each way to spoil a payload has to be seen.
    @Test(arguments: ["insight", "state", "health"])
    func whatIsSpoiltIsNotValid(name: String) throws {
        let validator = try Self.validator(name)
        guard case .object(let payload) = try Self.payload(name) else { throw Failure(.software, "no object") }
        var count = 0
        func expectRefusal(_ change: String, _ edit: (inout [String: JSONValue]) -> Void) {
            var spoilt = payload
            edit(&spoilt)
            count += 1
            #expect(validator.problems(in: .object(spoilt)) != [], "\(name): \(change)")
        }
        #expect(validator.problems(in: .object(payload)) == [])
        expectRefusal("unknown key") { $0["surprise"] = .number(1) }
        expectRefusal("other version") { $0["v"] = .number(2) }
        for key in payload.keys {
            expectRefusal("\(key) is a list of objects") { $0[key] = .array([.object([:])]) }
        }
        if case .object(let schema) = try JSONValue(parsing: Self.bytes(name)),
            case .array(let keys)? = schema["required"]
        {
            for case .string(let key) in keys { expectRefusal("no \(key)") { $0[key] = nil } }
        }
        for key in ["severity", "p_value"] where payload[key] != nil && name == "insight" {
            expectRefusal("\(key) above 1") { $0[key] = .number(1.5) }
        }
        #expect(count > 20)
        #expect(validator.problems(in: Array("{".utf8)) != [])
        #expect(validator.problems(in: .null) != [])
    }

    @Test(arguments: [
        #"{"pattern": "x"}"#, #"{"type": "thing"}"#, #"{"properties": {"a": {"oneOf": []}}}"#,
        ##"{"$ref": "#/$defs/none"}"##, #"{"items": {"format": "date"}}"#, #"{"minimum": "1"}"#, "[]",
    ])
    func anUnknownKeywordIsRefused(schema: String) {
        #expect(throws: (any Error).self) { try SchemaValidator(schema: Array(schema.utf8)) }
    }

    @Test func validatorKnowsIntegersFromNumbersAndFromBooleans() throws {
        let validator = try SchemaValidator(schema: Array(#"{"type": "integer", "minimum": 2}"#.utf8))
        #expect(validator.problems(in: Array("2".utf8)) == [])
        for text in ["2.5", "true", "1", "\"2\"", "null"] { #expect(validator.problems(in: Array(text.utf8)) != []) }
    }

    @Test func asyncAPINamesEverySchema() throws {
        let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")
        let text = String(decoding: try FileBytes.contents(of: "\(root)/docs/asyncapi.yaml"), as: UTF8.self)
        for name in Self.names { #expect(text.contains("schema/\(name).json"), "\(name)") }
    }
}
