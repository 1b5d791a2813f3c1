import Dispatch
import Synchronization

/// A result that one thread waits for and another gives, once.
final class Reply<Value: Sendable>: Sendable {
    private let result = Mutex<Result<Value, any Error>?>(nil)
    private let isGiven = DispatchSemaphore(value: 0)

    func set(_ value: Result<Value, any Error>) {
        result.withLock { $0 = value }
        isGiven.signal()
    }

    func wait() -> Result<Value, any Error> {
        isGiven.wait()
        return result.withLock { $0! }
    }
}
