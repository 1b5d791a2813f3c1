import Messaging
import SedgeCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The demo's props: a folder of its own, a private broker, an agent, simulated sensors.
final class DemoStage {
    let folder: String
    let port: UInt16
    private let sedged: String
    private let bundle: String
    private(set) var broker: ChildProcess?
    private(set) var agent: ChildProcess?
    private(set) var sensors: ChildProcess?

    var databasePath: String { "\(folder)/sedge.db" }

    init(folder: String, sedged: String, bundle: String) throws {
        self.folder = folder
        self.sedged = sedged
        self.bundle = bundle
        port = try Self.freePort()
    }

    /// Starts the broker and waits until it listens.
    func startBroker() throws {
        let path = "\(folder)/mosquitto.conf"
        try FileBytes.write(
            Array("listener \(port) 127.0.0.1\nallow_anonymous true\npersistence false\nuser root\n".utf8), to: path)
        let broker = try ChildProcess(Self.mosquitto, ["-c", path], log: "\(folder)/mosquitto.log")
        self.broker = broker
        for _ in 0..<500 where !Self.accepts(port) {
            if broker.exitStatus() != nil { throw Failure(.unavailable, "mosquitto ended: \(broker.lastLine)") }
            usleep(10_000)
        }
    }

    func startAgent() throws {
        let path = "\(folder)/sedge.toml"
        try FileBytes.write(Array(configuration.utf8), to: path)
        agent = try ChildProcess(sedged, ["--config", path], log: "\(folder)/sedged.log")
    }

    /// The simulation as a program of its own: this one, with `simulate`.
    func startSensors(speed: Double, script: DemoScript) throws {
        sensors = try ChildProcess(
            "/proc/self/exe",
            [
                "simulate", "--port", "\(port)", "--speed", "\(speed)", "--seconds", "\(script.simulatedSeconds)",
                "--fault-at", "\(script.faultAt)", "--fault-ramp", "\(script.faultRamp)", "--labels",
                "\(folder)/truth.csv",
            ], log: "\(folder)/simulate.log")
    }

    private var configuration: String {
        """
        node = "demo"

        [mqtt]
        port = \(port)
        state_interval_ms = 250
        health_interval_s = 2

        [store]
        path = "\(databasePath)"

        [inference]
        bundle = "\(bundle)"

        [[stream]]
        topic = "plant/{stream}/sensors"
        channels = { vibration = "$.vibration", temperature = "$.temperature", current = "$.current" }
        time = "$.ts"
        rate_hz = 10

        [[stream]]
        topic = "body/{stream}/sensors"
        channels = { ax = "$.ax", ay = "$.ay", az = "$.az" }
        time = "$.ts"
        rate_hz = 20

        [[stream]]
        topic = "home/{stream}/sensors"
        channels = { temperature = "$.temperature", humidity = "$.humidity", co2 = "$.co2" }
        time = "$.ts"
        rate_hz = 1
        hop = 1

        """
    }

    /// Debian keeps it where a user's PATH does not look.
    private static var mosquitto: String {
        ["/usr/sbin/mosquitto", "/usr/local/sbin/mosquitto"].first(where: FileBytes.exists) ?? "mosquitto"
    }

    private static func freePort() throws -> UInt16 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = loopback(port: 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 ? getsockname(descriptor, $0, &length) : -1
            }
        }
        guard result == 0 else { throw Failure.system("find a free port on", path: "127.0.0.1") }
        return UInt16(bigEndian: address.sin_port)
    }

    private static func accepts(_ port: UInt16) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = loopback(port: port)
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }

    private static func loopback(port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }
}
