import Inference
import Logging
import SedgeCore
import TestSupport
import Testing

@testable import Agent

/// The one way into a running agent, without a broker: no configuration needs one to be applied.
@Suite struct AgentApplyTests {
    private static let bundle =
        #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")
        + "/firmware-config/bundles/sensor-base.safetensors"

    private let folder = TemporaryFolder()

    private func configuration(
        _ rest: String = "", node: String = "n", bundle: String = AgentApplyTests.bundle
    ) throws -> Configuration {
        let json = """
            {"node":"\(node)","mqtt":{"port":1},"store":{"path":"\(folder.file("sedge.db"))"},
            "inference":{"bundle":"\(bundle)"}\(rest.isEmpty ? "" : ",")\(rest)}
            """
        return try Configuration(json: Array(json.utf8))
    }

    private func open() throws -> Agent {
        try Agent.open(
            try configuration(), log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            notifier: SystemNotifier { _ in nil })
    }

    private static let stream = #""stream":[{"topic":"t","id":"s","channels":{"x":"$.x"}}]"#

    @Test func aChangeIsAppliedSaidAndTakenBack() throws {
        let agent = try open()
        agent.start()
        defer { agent.stop() }
        let first = try configuration()
        let second = try configuration(Self.stream)
        #expect(agent.configuration == first)
        guard case .applied(let applied) = agent.apply(second, origin: "remote") else {
            Issue.record("not applied")
            return
        }
        #expect(applied.change.added == ["t"])
        #expect(applied.name.hasPrefix("remote#") && applied.name == agent.observe().configurationName)
        #expect(!applied.reconnects && applied.builtModels.isEmpty && applied.departed.isEmpty)
        #expect(agent.configuration == second)
        guard case .applied(let back) = agent.apply(first) else {
            Issue.record("not taken back")
            return
        }
        #expect(back.change.removed == ["t"])
        guard case .unchanged = agent.apply(first) else {
            Issue.record("nothing has changed")
            return
        }
    }

    @Test func whatCanNotBeAppliedLeavesEverythingAsItIs() throws {
        let agent = try open()
        agent.start()
        defer { agent.stop() }
        let before = agent.configuration
        let hop = Self.stream.replacing(#""id":"s""#, with: #""id":"s","hop":9"#)
        let refused = [
            (try configuration(node: "other"), "node"), (try configuration(bundle: "none"), "inference.bundle"),
            (try configuration(hop), "stream[0].hop"),
        ]
        for (configuration, key) in refused {
            guard case .refused(let error) = agent.apply(configuration) else {
                Issue.record("\(key) was applied")
                continue
            }
            #expect(error.configurationError?.path == key)
            #expect(error.code == .configuration)
        }
        var tls = try configuration()
        tls.mqtt.connection.username = "u"
        tls.mqtt.connection.passwordFile = "/nowhere"
        guard case .refused(let error) = agent.apply(tls) else {
            Issue.record("a password that is not there was applied")
            return
        }
        #expect(error.configurationError?.path == "mqtt.password_file")
        #expect(agent.configuration == before)
        #expect(agent.observe().configurationName == before.fingerprint)
    }

    @Test func anAgentThatDoesNotRunAppliesNothing() throws {
        let agent = try open()
        for _ in 0..<2 {
            guard case .refused(let error) = agent.apply(try configuration(Self.stream)) else {
                Issue.record("applied by nobody")
                return
            }
            #expect(error.code == .unavailable)
            agent.start()
            agent.stop()
        }
    }

    @Test func aCanarySeesHowTheAgentDoes() throws {
        let agent = try open()
        agent.start()
        defer { agent.stop() }
        let seen = agent.observe()
        #expect(!seen.isConnected && seen.passesSelfTest)
        #expect(seen.decoded == 0 && seen.decodeErrors == 0 && seen.dropped == 0)
        #expect(seen.residentBytes > 1_000_000 && seen.processorTime > 0)
        #expect(seen.model.hasPrefix("sensor-base@"))
        #expect(agent.observe().time > seen.time)
    }

    @Test func aBundleThatIsReplacedInItsFileIsRead() throws {
        let path = folder.file("own.safetensors")
        try TestFile.write(try TestFile.read(Self.bundle), to: path)
        let agent = try open()
        agent.start()
        defer { agent.stop() }
        guard case .applied(let same) = agent.apply(try configuration(bundle: path)) else {
            Issue.record("not applied")
            return
        }
        #expect(same.builtModels.isEmpty, "another name for the same bundle")
        try TestFile.write(PipelineUnderTest.bundle.serialized(), to: path)
        guard case .applied(let other) = agent.apply(try configuration(bundle: path)) else {
            Issue.record("not applied")
            return
        }
        #expect(other.builtModels == [PipelineUnderTest.bundle.fingerprint] && other.change.isEmpty)
        try TestFile.write([1, 2, 3], to: path)
        guard case .refused(let error) = agent.apply(try configuration(bundle: path)) else {
            Issue.record("a broken bundle was applied")
            return
        }
        #expect(error.code == .data)
        #expect(agent.observe().model == PipelineUnderTest.bundle.fingerprint)
    }
}
