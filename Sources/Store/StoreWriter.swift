import SedgeCore

/// A store on a thread of its own, for use from any other. Jobs run one at a time, in the order they were given.
package final class StoreWriter: Sendable {
    private let queue: StoreQueue
    private let thread: WorkerThread

    /// Takes the store over.
    ///
    /// - Parameters:
    ///   - capacity: jobs that may wait.
    ///   - acknowledgementDelay: milliseconds that acknowledgements wait for another write to go with.
    package init(_ store: sending Store, capacity: Int = 1024, acknowledgementDelay: Int = 5000) {
        let queue = StoreQueue(store, capacity: capacity, acknowledgementDelay: acknowledgementDelay)
        self.queue = queue
        thread = WorkerThread(name: "sedge-store") { queue.run() }
    }

    deinit { _ = queue.close() }

    /// Queues a job and returns at once. False, and counted, when the queue is full or closed: the job never runs.
    @discardableResult
    package func perform(_ job: @escaping @Sendable (Store) -> Void) -> Bool { queue.add(job, isBounded: true) }

    /// Runs a job after those that wait, and waits for its result. Throws what it throws, or `closed`.
    /// Not to be called from a job: it would wait for itself.
    package func sync<Value: Sendable>(_ body: @escaping @Sendable (Store) throws -> Value) throws -> Value {
        let reply = Reply<Value>()
        // The caller stands still meanwhile, so there are no more of these than threads.
        guard queue.add({ store in reply.set(Result { try body(store) }) }, isBounded: false) else {
            throw StoreError(.closed, "the store is closed", path: queue.path)
        }
        return try reply.wait().get()
    }

    /// Jobs that wait.
    package var queueDepth: Int { queue.depth }
    /// Jobs that were refused because the queue was full or closed.
    package var rejectedCount: Int { queue.rejected }

    /// Runs the jobs that wait, writes what is in memory, copies the WAL and closes the database.
    /// Returns what went wrong. A second call does nothing.
    @discardableResult
    package func close() -> StoreError? {
        guard queue.close() else { return nil }
        thread.join()
        return queue.closingError
    }
}
