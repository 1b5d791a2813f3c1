import Messaging
import SedgeCore
import TestSupport
import Testing

/// Passwords, TLS and rights against a real mosquitto.
@Suite struct AccessTests {
    @Test func namesAWrongPasswordAndKeepsTrying() async throws {
        var options = MosquittoBroker.Options()
        options.passwords = ["gw-7": "right"]
        let broker = try await MosquittoBroker.started(options)
        var settings = BrokerSettings(broker)
        settings.username = "gw-7"
        settings.password = Secret("wrong")
        let recorder = ClientRecorder()
        let client = startClient(settings, recorder: recorder)
        let sentence = "127.0.0.1:\(broker.port) refused the connection: not authorised."
        #expect(await eventually { recorder.sentences.count { $0 == sentence } >= 2 })
        #expect(!recorder.sentences.contains { $0.contains("3.1.1") || $0.contains("wrong") })
        client.stop(deadline: .seconds(1))

        settings.password = Secret("right")
        let accepted = startClient(settings, recorder: recorder)
        #expect(await eventually { accepted.isConnected })
        accepted.stop(deadline: .seconds(1))
    }

    @Test func speaksTLSWithAClientCertificate() async throws {
        let certificates = try await TestCertificates()
        var options = MosquittoBroker.Options()
        options.certificates = certificates
        options.requiresClientCertificate = true
        let broker = try await MosquittoBroker.started(options)
        var settings = BrokerSettings(broker)
        settings.host = "localhost"
        settings.tls = TLSSettings(
            ca: certificates.ca, cert: certificates.clientCertificate, key: certificates.clientKey)
        let recorder = ClientRecorder()
        let client = startClient(settings, recorder: recorder, subscriptions: ["in": 1])
        #expect(await eventually { client.isConnected })
        let large = [UInt8](repeating: 65, count: 200_000)
        #expect(client.publish(topic: "in", payload: large, qos: 1, retain: false, token: 1))
        #expect(await eventually { recorder.messages.first?.payload.utf8.count == large.count })
        #expect(await eventually { recorder.acknowledged == [1] })
        client.stop(deadline: .seconds(1))
        #expect(recorder.events.last == .stopped(unacknowledged: 0))

        // The same broker without a certificate of ours.
        settings.tls = TLSSettings(ca: certificates.ca)
        let refused = ClientRecorder()
        let stranger = startClient(settings, id: "stranger", recorder: refused)
        #expect(await eventually { refused.sentences.contains { $0.contains("TLS failed (") } })
        #expect(!refused.sentences.contains { $0.contains("3.1.1") }, "\(refused.sentences)")
        #expect(refused.connected == 0)
        stranger.stop(deadline: .seconds(1))
    }

    @Test func namesAWrongAuthorityAndKeepsTrying() async throws {
        let certificates = try await TestCertificates()
        let others = try await TestCertificates()
        var options = MosquittoBroker.Options()
        options.certificates = certificates
        let broker = try await MosquittoBroker.started(options)
        var settings = BrokerSettings(broker)
        settings.tls = TLSSettings(ca: others.ca)
        let recorder = ClientRecorder()
        let client = startClient(settings, recorder: recorder)
        let sentence = "Could not connect to 127.0.0.1:\(broker.port): TLS failed (certificate verify failed)."
        #expect(await eventually { recorder.sentences.count { $0 == sentence } >= 2 }, "\(recorder.sentences)")
        client.stop(deadline: .seconds(1))
    }

    @Test func refusesABrokerWithAnotherName() async throws {
        let certificates = try await TestCertificates(serverNames: "DNS:elsewhere")
        var options = MosquittoBroker.Options()
        options.certificates = certificates
        let broker = try await MosquittoBroker.started(options)
        var settings = BrokerSettings(broker)
        settings.tls = TLSSettings(ca: certificates.ca)
        let recorder = ClientRecorder()
        let client = startClient(settings, recorder: recorder)
        let sentence = "Could not connect to \(settings.label): TLS failed (host name verification failed)."
        #expect(await eventually { recorder.sentences.contains(sentence) }, "\(recorder.sentences)")
        #expect(recorder.connected == 0)
        client.stop(deadline: .seconds(1))
    }

    @Test func namesAMissingFile() async throws {
        var settings = BrokerSettings(host: "127.0.0.1", port: freeLoopbackPort())
        settings.tls = TLSSettings(ca: "/nowhere/ca.pem")
        let recorder = ClientRecorder()
        let client = startClient(settings, recorder: recorder)
        let sentence =
            "Could not connect to \(settings.label): tls.ca = /nowhere/ca.pem can not be read: "
            + "No such file or directory."
        #expect(await eventually { recorder.sentences.contains(sentence) }, "\(recorder.sentences)")
        client.stop(deadline: .seconds(1))
    }

    @Test func namesAHostThatDoesNotExist() async throws {
        let recorder = ClientRecorder()
        let client = startClient(BrokerSettings(host: "broker.invalid", port: 1883), recorder: recorder)
        #expect(
            await eventually(within: .seconds(60)) {
                recorder.sentences.contains { $0.contains("the host name can not be resolved (broker.invalid)") }
            }, "\(recorder.sentences)")
        client.stop(deadline: .seconds(1))
    }

    @Test func reportsRefusedSubscriptionsAndMessages() async throws {
        let folder = TemporaryFolder()
        var options = MosquittoBroker.Options()
        options.lines = ["acl_file \(try folder.write("acl", "topic readwrite ours/#\n"))"]
        let broker = try await MosquittoBroker.started(options)
        let recorder = ClientRecorder()
        let client = startClient(
            BrokerSettings(broker), recorder: recorder, subscriptions: ["ours/a": 1, "theirs/a": 1, "not/a#filter": 0])
        #expect(await eventually { client.isConnected })
        #expect(client.publish(topic: "theirs/b", payload: [1], qos: 1, retain: false, token: 1))
        #expect(client.publish(topic: "not/+/valid", payload: [1], qos: 1, retain: false, token: 2))
        #expect(client.publish(topic: "ours/b", payload: [1], qos: 1, retain: false, token: 3))
        #expect(await eventually { recorder.acknowledged == [3] && Set(recorder.refused) == [1, 2] })
        #expect(
            await eventually {
                recorder.sentences.contains("The subscription to not/a#filter was refused: not a valid topic filter.")
                    && recorder.sentences.contains("A message was refused: not authorised.")
            }, "\(recorder.sentences)")
        client.stop(deadline: .seconds(1))
    }
}
