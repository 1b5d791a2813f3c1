import SedgeCore
import Synchronization

/// The jobs of a `StoreWriter` and the loop that runs them.
final class StoreQueue: Sendable {
    typealias Job = @Sendable (Store) -> Void

    let path: String
    private let capacity: Int
    /// The store on its way to its thread.
    private let store: Mutex<Store?>
    private let state = Mutex(State())
    private let wakeup = Wakeup()

    /// Acknowledgements wait at most so many milliseconds for another write to go with.
    private let acknowledgementDelay: Int

    private struct State {
        var jobs: [Job] = []
        /// Jobs not begun yet, those taken off `jobs` included.
        var waiting = 0
        var rejected = 0
        var isClosed = false
        var closingError: StoreError?
    }

    init(_ store: sending Store, capacity: Int, acknowledgementDelay: Int) {
        path = store.path
        self.capacity = capacity
        self.acknowledgementDelay = acknowledgementDelay
        self.store = Mutex(store)
    }

    var depth: Int { state.withLock { $0.waiting } }
    var rejected: Int { state.withLock { $0.rejected } }
    var closingError: StoreError? { state.withLock { $0.closingError } }

    func add(_ job: @escaping Job, isBounded: Bool) -> Bool {
        let isTaken = state.withLock { state in
            guard !state.isClosed, !isBounded || state.waiting < capacity else {
                state.rejected += 1
                return false
            }
            state.jobs.append(job)
            state.waiting += 1
            return true
        }
        if isTaken { wakeup.signal() }
        return isTaken
    }

    /// No more jobs after this; whether it was the first such call.
    func close() -> Bool {
        let isFirst = state.withLock { state in
            defer { state.isClosed = true }
            return !state.isClosed
        }
        wakeup.signal()
        return isFirst
    }

    /// The life of the store's thread.
    func run() {
        guard let store = store.withLock({ $0.take() }) else { return }
        var flushed = SystemTime.monotonicNanoseconds()
        while true {
            let (jobs, isClosed) = state.withLock { state in
                defer { state.jobs = [] }
                return (state.jobs, state.isClosed)
            }
            for job in jobs {
                state.withLock { $0.waiting -= 1 }
                job(store)
            }
            let now = SystemTime.monotonicNanoseconds()
            if now - flushed >= Int64(acknowledgementDelay) * 1_000_000 {
                store.flushAcknowledgementsInBackground()
                flushed = now
            }
            if jobs.isEmpty {
                if isClosed { break }
                wakeup.wait(milliseconds: acknowledgementDelay)
            }
        }
        do throws(StoreError) {
            try store.close()
        } catch {
            state.withLock { $0.closingError = error }
        }
    }
}
