import Dispatch
internal import SedgeCore
import Synchronization

/// Threads that help the one that owns them: a job is cut into chunks, and whoever is free takes the next one.
///
/// The owner works too and never waits for a helper that has not begun, so a late wake-up costs no more than the call
/// that asked for it. Who has nothing to do sleeps.
final class WorkerPool {
    /// What the threads share.
    private final class Board: Sendable {
        let body: @Sendable (_ worker: Int, _ chunk: Int) -> Void
        let wakeups: [Wakeup]
        let isStopping = Atomic(false)
        /// Chunks that nobody has taken. What the owner wrote before it set this is seen by all who take one.
        let untaken = Atomic(0)
        /// Chunks that are not done.
        let unfinished = Atomic(0)
        let finished = DispatchSemaphore(value: 0)

        init(helpers: Int, body: @escaping @Sendable (_ worker: Int, _ chunk: Int) -> Void) {
            self.body = body
            wakeups = (0..<helpers).map { _ in Wakeup() }
        }

        /// Works off chunks until none is left; true when this worker finished the last one.
        func work(as worker: Int) -> Bool {
            var count = untaken.load(ordering: .relaxed)
            while count > 0 {
                let (isMine, found) = untaken.weakCompareExchange(
                    expected: count, desired: count - 1, successOrdering: .acquiring, failureOrdering: .relaxed)
                guard isMine else {
                    count = found
                    continue
                }
                body(worker, count - 1)
                if unfinished.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 { return true }
                count = untaken.load(ordering: .relaxed)
            }
            return false
        }
    }

    private let board: Board
    private let threads: [WorkerThread]

    /// Starts `helpers` threads.
    /// - Parameter body: does one chunk; worker 0 is the owner, the helpers count from 1. No worker runs two at once.
    init(helpers: Int, name: String, body: @escaping @Sendable (_ worker: Int, _ chunk: Int) -> Void) {
        let board = Board(helpers: helpers, body: body)
        self.board = board
        threads = (0..<helpers).map { helper in
            WorkerThread(name: "\(name)-\(helper + 1)") {
                while true {
                    board.wakeups[helper].wait()
                    if board.isStopping.load(ordering: .acquiring) { return }
                    if board.work(as: helper + 1) { board.finished.signal() }
                }
            }
        }
    }

    deinit {
        board.isStopping.store(true, ordering: .releasing)
        for wakeup in board.wakeups { wakeup.signal() }
        for thread in threads { thread.join() }
    }

    /// Returns when every chunk is done; what the workers wrote is visible then.
    /// - Parameters:
    ///   - helpers: how many to wake.
    ///   - ownerWorks: false leaves all to them, to see how long they take to come.
    func run(chunks: Int, helpers: Int, ownerWorks: Bool = true) {
        guard chunks > 0 else { return }
        board.unfinished.store(chunks, ordering: .relaxed)
        board.untaken.store(chunks, ordering: .releasing)
        for helper in 0..<helpers { board.wakeups[helper].signal() }
        if ownerWorks, board.work(as: 0) { return }
        board.finished.wait()
        // Wakes after the last chunk, but the order of memory is the counter's.
        precondition(board.unfinished.load(ordering: .acquiring) == 0, "a job ended before its last chunk")
    }
}
