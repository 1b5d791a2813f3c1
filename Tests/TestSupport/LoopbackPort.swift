import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

private let givenPorts = Mutex<Set<UInt16>>([])

/// A TCP port of 127.0.0.1 that nobody uses, different at every call.
///
/// It lies below the range that the kernel gives to clients: in that range a client could take the port of a broker
/// that is down, or even connect to itself.
package func freeLoopbackPort() -> UInt16 {
    for _ in 0..<1000 {
        let port = UInt16.random(in: 15_000..<30_000)
        if givenPorts.withLock({ $0.insert(port).inserted }), isFree(port) { return port }
    }
    fatalError("no free port on 127.0.0.1")
}

/// Whether someone listens on a port of 127.0.0.1.
package func isListening(_ port: UInt16) -> Bool {
    withLoopbackSocket(port) { connect($0, $1, $2) == 0 }
}

private func isFree(_ port: UInt16) -> Bool {
    withLoopbackSocket(port) { bind($0, $1, $2) == 0 }
}

private func withLoopbackSocket(
    _ port: UInt16, _ body: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Bool
) -> Bool {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    precondition(descriptor >= 0, "no socket: \(String(cString: strerror(errno)))")
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    return withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            body(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
    }
}
