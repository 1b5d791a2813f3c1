import ArgumentParser
import Messaging
import SedgeCore

/// Where the broker is and how to get in: shared by every command that talks to one.
///
/// A password comes from a file or the environment: an argument could be read by every user of the machine.
struct BrokerOptions: ParsableArguments {
    @Option(help: "The broker's name or address.")
    var host = "127.0.0.1"

    @Option(help: "The broker's port (default: 1883, with TLS 8883).")
    var port: UInt16?

    @Option(help: "User name.")
    var username: String?

    @Option(help: "File with the password; without it, the environment's SEDGE_MQTT_PASSWORD.")
    var passwordFile: String?

    @Flag(help: "Use TLS; implied by --ca, --cert and --key.")
    var tls = false

    @Option(help: "PEM file of the authorities to trust (default: those of the system).")
    var ca: String?

    @Option(help: "PEM file of the client's certificate.")
    var cert: String?

    @Option(help: "PEM file of the client's key.")
    var key: String?

    @Option(help: "Client id (default: a new one).")
    var clientID: String?

    private enum CodingKeys: String, CodingKey {
        case host, port, username, passwordFile, tls, ca, cert, key, clientID
    }

    static let passwordVariable = "SEDGE_MQTT_PASSWORD"

    func validate() throws {
        if (cert == nil) != (key == nil) { throw ValidationError("--cert and --key go together") }
        if port == 0 { throw ValidationError("--port is 0, expected 1 to 65535") }
        if host.isEmpty { throw ValidationError("--host is empty") }
    }

    /// Reads the password; throws a `Failure` where its file can not be read.
    func settings() throws -> BrokerSettings {
        let usesTLS = tls || ca != nil || cert != nil
        return BrokerSettings(
            host: host, port: port ?? (usesTLS ? 8883 : 1883), username: username, password: try password(),
            tls: usesTLS ? TLSSettings(ca: ca, cert: cert, key: key) : nil)
    }

    /// Unlike others at the same time, and a sane topic level.
    func clientID(for command: String) -> String {
        clientID ?? "sedge-\(command)-\(String(SystemTime.monotonicNanoseconds(), radix: 36))"
    }

    private func password() throws -> Secret? {
        if let passwordFile {
            let password = Secret(file: try FileBytes.contents(of: passwordFile, limit: 1 << 16))
            guard !password.isEmpty else {
                throw Failure(.configuration, "\(passwordFile) is empty, expected a password")
            }
            return password
        }
        return Terminal.environment(Self.passwordVariable).map { Secret($0) }
    }
}
