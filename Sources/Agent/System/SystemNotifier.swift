import SedgeCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Tells systemd how the service does; sd_notify(3) without libsystemd. Without `NOTIFY_SOCKET` it does nothing.
package struct SystemNotifier: Sendable {
    private let address: String?
    /// How often the watchdog wants to hear from us, in microseconds; nil: it does not.
    package let watchdogMicroseconds: Int64?

    package init(environment: (String) -> String? = { name in getenv(name).map { String(cString: $0) } }) {
        address = environment("NOTIFY_SOCKET").flatMap { $0.isEmpty ? nil : $0 }
        let isForUs = environment("WATCHDOG_PID").map { $0 == "\(getpid())" } ?? true
        watchdogMicroseconds = isForUs ? environment("WATCHDOG_USEC").flatMap { Int64($0) } : nil
    }

    package func ready(status: String) { send("READY=1\nSTATUS=\(status)") }
    /// To be followed by `ready`. systemd compares the time with that of its own request.
    package func reloading() {
        send("RELOADING=1\nMONOTONIC_USEC=\(SystemTime.monotonicNanoseconds() / 1000)")
    }
    package func stopping() { send("STOPPING=1") }
    package func watchdog() { send("WATCHDOG=1") }

    private func send(_ message: String) {
        guard let address else { return }
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        var target = sockaddr_un()
        target.sun_family = sa_family_t(AF_UNIX)
        var path = Array(address.utf8)
        let length = MemoryLayout<sa_family_t>.size + path.count
        guard path.count < MemoryLayout.size(ofValue: target.sun_path) else { return }
        // A leading @ names a socket in the abstract namespace.
        if path.first == UInt8(ascii: "@") { path[0] = 0 }
        withUnsafeMutableBytes(of: &target.sun_path) { $0.copyBytes(from: path) }
        let bytes = Array(message.utf8)
        _ = withUnsafePointer(to: &target) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL), $0, socklen_t(length))
            }
        }
    }
}
