import SedgeCore
import Synchronization

/// Work on many items with a few threads of our own; results in the order of the items, whatever finished first.
package enum ParallelMap {
    /// The first error ends the work and is thrown; items that were begun are finished.
    ///
    /// - Parameters:
    ///   - cost: relative; the most expensive items go first, so that no thread ends long after the others.
    ///   - progress: called on the working threads with the share of all cost that is done, 0 to 1.
    package static func run<Item: Sendable, Result: Sendable>(
        _ items: [Item], threads: Int, cost: (Item) -> Int, progress: @escaping @Sendable (Double) -> Void = { _ in },
        _ body: @escaping @Sendable (Item) throws -> Result
    ) throws -> [Result] {
        let costs = items.map { max(1, cost($0)) }
        let total = Double(costs.reduce(0, +))
        let order = items.indices.sorted { costs[$0] > costs[$1] }
        let state = Mutex(State<Result>(count: items.count))
        let workers = (0..<max(1, min(threads, items.count))).map { index in
            WorkerThread(name: "eval-\(index)") {
                while let place = state.withLock({ $0.takeNext() }) {
                    do {
                        let result = try body(items[order[place]])
                        let done = state.withLock { state in
                            state.results[order[place]] = result
                            state.done += costs[order[place]]
                            return state.done
                        }
                        progress(Double(done) / total)
                    } catch {
                        state.withLock { $0.error = $0.error ?? error }
                    }
                }
            }
        }
        for worker in workers { worker.join() }
        let finished = state.withLock { (results: $0.results, error: $0.error) }
        if let error = finished.error { throw error }
        return finished.results.map { $0! }
    }

    private struct State<Result: Sendable>: Sendable {
        var results: [Result?]
        var error: (any Error)?
        var done = 0
        private var next = 0

        init(count: Int) { results = Array(repeating: nil, count: count) }

        mutating func takeNext() -> Int? {
            guard error == nil, next < results.count else { return nil }
            defer { next += 1 }
            return next
        }
    }
}
