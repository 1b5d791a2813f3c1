#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A thread of our own, outside the cooperative pool, for work that blocks or must not wait for others.
package final class WorkerThread: Sendable {
    private let handle: pthread_t

    /// Starts at once. The name is what `top -H` shows, cut to the kernel's 15 bytes.
    package init(name: String, body: @escaping @Sendable () -> Void) {
        var handle = pthread_t()
        let start = Unmanaged.passRetained(
            Start {
                Self.nameThisThread(name)
                body()
            })
        let result = pthread_create(
            &handle, nil,
            { context in
                Unmanaged<Start>.fromOpaque(context!).takeRetainedValue().body()
                return nil
            }, start.toOpaque())
        precondition(result == 0, "pthread_create failed: \(result)")
        self.handle = handle
    }

    /// Waits for its end; to be called once.
    package func join() { pthread_join(handle, nil) }

    /// `pthread_setname_np` is a GNU extension that Swift's C module does not show; the kernel's file does the same.
    private static func nameThisThread(_ name: String) {
        let descriptor = open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        _ = Array(name.utf8.prefix(15)).withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        close(descriptor)
    }
}

/// Carries a thread's work through C's one pointer.
private final class Start: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}
