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

    /// Returns when signalled, or after the time-out.
    package func wait(milliseconds: Int) {
        if semaphore.wait(timeout: .now() + .milliseconds(milliseconds)) == .success {
            isPending.store(false, ordering: .releasing)
        }
    }
}
