import Dispatch
import Synchronization

/// Lets one thread sleep until another has something for it. Signals that come before a wait merge into one.
package final class Wakeup: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)
    private let isPending = Atomic(false)

    package init() {}

    /// Wakes the sleeper, or the next one to sleep. Never blocks; safe in any thread.
    package func signal() {
        guard !isPending.exchange(true, ordering: .acquiringAndReleasing) else { return }
        semaphore.signal()
    }

    /// Returns when signalled.
    package func wait() {
        semaphore.wait()
        acknowledge()
    }

    /// Returns when signalled, or after the time-out.
    package func wait(milliseconds: Int) {
        if semaphore.wait(timeout: .now() + .milliseconds(milliseconds)) == .success { acknowledge() }
    }

    /// Reads what it writes, so that the sleeper sees everything that stood before the last merged signal.
    private func acknowledge() {
        _ = isPending.exchange(false, ordering: .acquiringAndReleasing)
    }
}
