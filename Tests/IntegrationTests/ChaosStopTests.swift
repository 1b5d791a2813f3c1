import SedgeCore
import Testing
import TestSupport

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// SIGTERM at any moment: status 0, within seconds, and `offline` where a broker heard `online`.
@Suite(.serialized) struct ChaosStopTests {
    private func stops(_ sedged: LaunchedProgram, within limit: Duration = .seconds(10)) async {
        sedged.terminate()
        #expect(await sedged.waitForExit(timeout: limit) == 0, "\(sedged.errors)")
    }

    @Test func atEveryMomentOfTheStart() async throws {
        let broker = try await MosquittoBroker.started()
        let agent = try AgentUnderTest(port: broker.port, rest: AgentUnderTest.pump)
        let subscriber = try await Subscriber(broker, topics: ["sedge/test/availability"])
        for delay in [0, 10, 50, 100, 300] {
            let sedged = try agent.start()
            // The first moments of a process belong to the runtime.
            #expect(await eventually { !sedged.errors.isEmpty })
            try await Task.sleep(for: .milliseconds(delay))
            await stops(sedged)
        }
        #expect(await eventually { subscriber.payloads("sedge/test/availability").last != "online" })
    }

    @Test func twiceInARow() async throws {
        let broker = try await MosquittoBroker.started()
        let agent = try AgentUnderTest(port: broker.port, rest: AgentUnderTest.pump)
        let subscriber = try await Subscriber(broker, topics: ["sedge/test/availability"])
        let sedged = try agent.start()
        #expect(await eventually { subscriber.payloads("sedge/test/availability").last == "online" })
        sedged.signal(SIGINT)
        sedged.terminate()
        await stops(sedged)
        #expect(await eventually { subscriber.payloads("sedge/test/availability").last == "offline" })
    }

    @Test func whileABrokerAcceptsAndSaysNothing() async throws {
        let silent = try SilentListener()
        let agent = try AgentUnderTest(port: silent.port, rest: AgentUnderTest.pump)
        let sedged = try agent.start()
        #expect(await eventually { sedged.errors.contains("is ready") })
        try await Task.sleep(for: .milliseconds(300))
        await stops(sedged)
    }
}

/// Accepts connections, as the kernel does for every listening socket, and never reads or writes.
private final class SilentListener: Sendable {
    let port = freeLoopbackPort()
    private let descriptor: Int32

    init() throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let descriptor = descriptor
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard bound == 0, listen(descriptor, 8) == 0 else {
            throw Launcher.Failure(description: "can not listen: \(String(cString: strerror(errno)))")
        }
    }

    deinit { close(descriptor) }
}
