import SedgeCore
import TestSupport

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A real `sedged` with a configuration and a folder of its own.
final class AgentUnderTest: Sendable {
    static let node = "test"

    let folder = TemporaryFolder()
    let configurationPath: String

    /// - Parameters:
    ///   - mqtt: lines of `[mqtt]` beside host and port.
    ///   - rest: further tables, streams among them.
    init(port: UInt16, mqtt: String = "", store: String = "", rest: String) throws {
        let path = folder.file("sedge.toml")
        configurationPath = path
        try write(port: port, mqtt: mqtt, store: store, rest: rest)
    }

    func write(port: UInt16, mqtt: String = "", store: String = "", rest: String) throws {
        try folder.write("sedge.toml", text(port: port, mqtt: mqtt, store: store, rest: rest))
    }

    /// As editors and package managers write: whole, under another name, and renamed.
    func replace(port: UInt16, mqtt: String = "", store: String = "", rest: String) throws {
        let path = try folder.write("sedge.toml.new", text(port: port, mqtt: mqtt, store: store, rest: rest))
        guard rename(path, configurationPath) == 0 else {
            throw Launcher.Failure(description: "can not rename \(path): \(String(cString: strerror(errno)))")
        }
    }

    private func text(port: UInt16, mqtt: String, store: String, rest: String) -> String {
        """
        node = "\(Self.node)"

        [mqtt]
        port = \(port)
        reconnect_max_s = 1
        health_interval_s = 1
        \(mqtt)

        [store]
        path = "\(databasePath)"
        \(store)

        [inference]
        bundle = "\(Self.bundlePath)"

        \(rest)
        """
    }

    var databasePath: String { folder.file("sedge.db") }

    func start(_ arguments: [String] = []) throws -> LaunchedProgram {
        try Launcher.start(.sedged, ["--config", configurationPath] + arguments)
    }

    func run(_ arguments: [String] = []) async throws -> Launcher.Outcome {
        try await Launcher.run(.sedged, ["--config", configurationPath] + arguments)
    }

    /// The bundle that is shipped, found from this file's place.
    static let bundlePath = root + "/firmware-config/bundles/sensor-base.safetensors"

    /// The repository's folder.
    static let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
        .joined(separator: "/")

    /// The simulated pump, as `sedge simulate` sends it.
    static let pump = """
        [[stream]]
        topic = "plant/{stream}/sensors"
        channels = { vibration = "$.vibration", temperature = "$.temperature", current = "$.current" }
        time = "$.ts"
        rate_hz = 10
        """

    /// Sends a simulated pump's samples as fast as they can be made; by default 400 good seconds and 200 with wear.
    static func simulatePump(
        port: UInt16, seconds: Double = 600, faultAt: Double? = 400, start: String = "2026-03-01T00:00:00Z"
    ) async throws {
        let fault = faultAt.map { ["--fault-at", "\($0)", "--fault-ramp", "60"] } ?? ["--no-fault"]
        let outcome = try await Launcher.run(
            .sedge,
            [
                "simulate", "--port", "\(port)", "--streams", "pump", "--speed", "max", "--seconds", "\(seconds)",
                "--start", start, "--qos", "1",
            ] + fault)
        guard outcome.status == 0 else { throw Launcher.Failure(description: outcome.errors) }
    }
}

extension Subscriber {
    /// Everything on a topic so far, decoded.
    func decoded<Value: Decodable>(_ type: Value.Type, under prefix: String) -> [Value] {
        messages.filter { $0.topic.hasPrefix(prefix) }.compactMap {
            try? PayloadJSON.decode(type, from: Array($0.payload.utf8))
        }
    }

    /// Whether the agent has read so many samples since its start.
    func hasDecoded(_ count: Int64) -> Bool {
        decoded(Health.self, under: "sedge/\(AgentUnderTest.node)/health").last?.decodedTotal ?? 0 >= count
    }

    var insights: [Insight] { decoded(Insight.self, under: "sedge/\(AgentUnderTest.node)/insight/") }
    var backfill: [Insight] { decoded(Insight.self, under: "sedge/\(AgentUnderTest.node)/backfill/") }

    func states(_ stream: String) -> [ReceivedState] {
        decoded(ReceivedState.self, under: "sedge/\(AgentUnderTest.node)/state/\(stream)")
    }
}

/// A state as a subscriber reads it.
struct ReceivedState: Decodable, Equatable {
    var ts: Int64
    var phase: String
    var score: Double?
    var anomaly: String
    var state: String?
}
