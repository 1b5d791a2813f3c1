import Messaging
import SedgeCore
import Synchronization
import TestSupport

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A broker that answers every connection's first packet as it is told to, for what no real broker does.
///
/// One connection at a time. The answer gets the packet (CONNECT) and says what to send and whether to close.
final class FakeBroker: Sendable {
    struct Answer: Sendable {
        var bytes: [UInt8]
        var closes: Bool
    }

    /// CONNACK of MQTT 3.1.1: accepted.
    static let accept311 = Answer(bytes: [0x20, 2, 0, 0], closes: false)
    /// CONNACK of MQTT 5: accepted, no properties.
    static let accept5 = Answer(bytes: [0x20, 3, 0, 0, 0], closes: false)

    let port = freeLoopbackPort()
    private let listener: Int32
    private let isStopping = Atomic(false)
    private let packets = Mutex<[[UInt8]]>([])
    private let answer: @Sendable (_ connect: [UInt8]) -> Answer
    private let thread = Mutex<WorkerThread?>(nil)

    init(_ answer: @escaping @Sendable (_ connect: [UInt8]) -> Answer) {
        self.answer = answer
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var on: Int32 = 1
        setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        precondition(bound == 0 && listen(listener, 16) == 0, "fake broker: \(String(cString: strerror(errno)))")
        thread.withLock { $0 = WorkerThread(name: "fake-broker") { [self] in serve() } }
    }

    var settings: BrokerSettings { BrokerSettings(host: "127.0.0.1", port: port) }

    /// The first packet of every connection so far.
    var connects: [[UInt8]] { packets.withLock { $0 } }

    /// The protocol levels asked for: 4 is MQTT 3.1.1, 5 is MQTT 5.
    var levels: [UInt8] {
        // Header, length (one byte for short packets), "MQTT" with its length, then the level.
        connects.compactMap { $0.count > 8 ? $0[8] : nil }
    }

    func stop() {
        isStopping.store(true, ordering: .releasing)
        thread.withLock { $0.take() }?.join()
        close(listener)
    }

    private func serve() {
        while !isStopping.load(ordering: .acquiring) {
            guard isReadable(listener, milliseconds: 20) else { continue }
            let connection = accept(listener, nil, nil)
            guard connection >= 0 else { continue }
            serve(connection)
            close(connection)
        }
    }

    private func serve(_ connection: Int32) {
        guard let first = receive(connection) else { return }
        packets.withLock { $0.append(first) }
        let answer = answer(first)
        _ = answer.bytes.withUnsafeBytes { send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        if answer.closes { return }
        // PINGREQ gets its PINGRESP, so that a connection lasts however late a busy machine looks at it.
        while let packets = receive(connection) {
            guard packets.suffix(2) == [0xC0, 0] else { continue }
            _ = [UInt8]([0xD0, 0]).withUnsafeBytes { send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        }
    }

    /// What has arrived; nil at the end of the connection or of the broker.
    private func receive(_ connection: Int32) -> [UInt8]? {
        while !isStopping.load(ordering: .acquiring) {
            guard isReadable(connection, milliseconds: 20) else { continue }
            var buffer = [UInt8](repeating: 0, count: 65536)
            let count = recv(connection, &buffer, buffer.count, 0)
            return count > 0 ? Array(buffer.prefix(count)) : nil
        }
        return nil
    }

    private func isReadable(_ descriptor: Int32, milliseconds: Int32) -> Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&entry, 1, milliseconds) > 0
    }
}

/// Breaks this process's connections to a port of 127.0.0.1 without a word of MQTT, as a lost network does.
func breakConnections(to port: UInt16) {
    for descriptor in Int32(3)..<1024 {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isConnected = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getpeername(descriptor, $0, &length) == 0 }
        }
        if isConnected, address.sin_family == sa_family_t(AF_INET), UInt16(bigEndian: address.sin_port) == port {
            shutdown(descriptor, Int32(SHUT_RDWR))
        }
    }
}
