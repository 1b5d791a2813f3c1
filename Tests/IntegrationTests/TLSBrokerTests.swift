import TestSupport
import Testing

/// `firmware-config/mosquitto/tls.conf` with its access list, as shipped but for paths and the port.
@Suite struct TLSBrokerTests {
    private static let folder = AgentUnderTest.root + "/firmware-config/mosquitto"

    @Test func aGatewayIsWhomItsCertificateNames() async throws {
        let certificates = try await TestCertificates()
        var logins: [String: [String]] = [:]
        var files: [String: String] = [:]
        for name in ["gw-1", "gw-2", "gw-3", "operator-1"] {
            let client = try await certificates.client(name)
            files[name] = client.certificate
            logins[name] = ["--cafile", certificates.ca, "--cert", client.certificate, "--key", client.key]
        }
        let (port, state) = (freeLoopbackPort(), TemporaryFolder())
        var options = MosquittoBroker.Options()
        options.configuration = try configuration(
            certificates, revoked: await certificates.revocationList(of: [files["gw-3"]!]), port: port,
            state: state.path)
        let broker = try await MosquittoBroker(options, port: port)
        try await broker.start()
        let listener = try await Subscriber(broker, topics: ["sedge/#"], arguments: logins["operator-1"]!)

        #expect(try await publish("sedge/gw-1/health", "own", to: broker, logins["gw-1"]!) == 0)
        #expect(try await publish("sedge/gw-1/health", "of another", to: broker, logins["gw-2"]!) == 0)
        #expect(try await publish("sedge/gw-3/health", "revoked", to: broker, logins["gw-3"]!) != 0)
        #expect(try await publish("sedge/gw-1/health", "nobody", to: broker, ["--cafile", certificates.ca]) != 0)
        #expect(try await publish("sedge/gw-2/health", "last", to: broker, logins["gw-2"]!) == 0)
        #expect(await eventually { listener.messages.map(\.payload) == ["own", "last"] })
    }

    private func configuration(_ certificates: TestCertificates, revoked: String, port: UInt16, state: String) throws
        -> String
    {
        let paths = [
            "/etc/mosquitto/certs/ca.pem": certificates.ca,
            "/etc/mosquitto/certs/broker.pem": certificates.serverCertificate,
            "/etc/mosquitto/certs/broker.key": certificates.serverKey,
            "/etc/mosquitto/certs/revoked.pem": revoked, "/etc/mosquitto/acl.conf": "\(Self.folder)/acl.conf",
            "listener 8883": "listener \(port) 127.0.0.1",
        ]
        var text = String(decoding: try TestFile.read("\(Self.folder)/tls.conf"), as: UTF8.self)
        for (shipped, here) in paths {
            #expect(text.contains(shipped))
            text = text.replacing(shipped, with: here)
        }
        // As in Debian's own file, which includes this one.
        return text + "persistence_location \(state)/\n"
    }

    private func publish(
        _ topic: String, _ payload: String, to broker: MosquittoBroker, _ login: [String]
    ) async throws -> Int32 {
        try await Launcher.run(
            .tool("mosquitto_pub"),
            ["-h", "127.0.0.1", "-p", "\(broker.port)", "-q", "1", "-t", topic, "-m", payload] + login
        ).status
    }
}
