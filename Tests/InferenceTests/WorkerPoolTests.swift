import SedgeCore
import Synchronization
import Testing

@testable import Inference

/// Chunks are done once each, by whoever comes first.
struct WorkerPoolTests {
    @Test(arguments: 1...4)
    func everyChunkOfEveryJobIsDoneOnce(helpers: Int) {
        let done = Tally(count: 100)
        let pool = WorkerPool(helpers: helpers, name: "test") { worker, chunk in
            precondition((0...helpers).contains(worker))
            done.add(chunk)
        }
        for job in 0..<300 {
            let chunks = job % 100
            pool.run(chunks: chunks, helpers: job % (helpers + 1))
            #expect(done.takeAll() == (0..<100).map { $0 < chunks ? 1 : 0 }, "job \(job)")
        }
    }

    @Test func helpersDoAllWhereTheOwnerDoesNothing() {
        let done = Tally(count: 5)
        let byOwner = Atomic(0)
        let pool = WorkerPool(helpers: 2, name: "test") { worker, chunk in
            done.add(chunk)
            if worker == 0 { byOwner.add(1, ordering: .relaxed) }
        }
        pool.run(chunks: 5, helpers: 2, ownerWorks: false)
        #expect(done.takeAll() == [1, 1, 1, 1, 1])
        #expect(byOwner.load(ordering: .relaxed) == 0)
    }

    /// What a worker writes without a lock is there when the job is over.
    @Test func resultsAreVisibleAfterTheJob() {
        let squares = Squares(count: 64)
        let pool = WorkerPool(helpers: 2, name: "test") { squares.fill($1) }
        for offset in 0..<200 {
            squares.offset = offset
            pool.run(chunks: 64, helpers: 2)
            #expect(squares.values == (0..<64).map { $0 * $0 + offset })
        }
    }

    /// A thread that still ran would hold the body and what it captured.
    @Test(arguments: [0, 3])
    func threadsHaveEndedWhenThePoolIsGone(jobs: Int) {
        weak var captured: Tally?
        do {
            let done = Tally(count: 8)
            captured = done
            let pool = WorkerPool(helpers: 3, name: "test") { done.add($1) }
            for _ in 0..<jobs { pool.run(chunks: 8, helpers: 3) }
        }
        #expect(captured == nil)
    }
}

/// How often each chunk was done; atomics rather than a `Mutex`, whose locking ThreadSanitizer does not see.
private final class Tally: Sendable {
    private final class Count: Sendable { let value = Atomic(0) }
    private let counts: [Count]

    init(count: Int) { counts = (0..<count).map { _ in Count() } }

    func add(_ chunk: Int) { counts[chunk].value.add(1, ordering: .relaxed) }

    func takeAll() -> [Int] { counts.map { $0.value.exchange(0, ordering: .relaxed) } }
}

/// Plain memory that workers share; `@unchecked Sendable`: each chunk has its own place, and the pool orders the rest.
private final class Squares: @unchecked Sendable {
    var offset = 0
    private let memory: UnsafeMutableBufferPointer<Int>

    init(count: Int) {
        memory = .allocate(capacity: count)
        memory.initialize(repeating: 0)
    }

    deinit { memory.deallocate() }

    func fill(_ index: Int) { memory[index] = index * index + offset }

    var values: [Int] { Array(memory) }
}
