import CAllocations
import Glibc
import SedgeCore
import Synchronization
import Testing

@testable import Inference

/// The hot path allocates nothing.
struct AllocationTests {
    private static let lanes = 150

    /// Steps of batches of any size; what this thread allocated in all but the first ones.
    private static func allocations(stepping encoder: StreamingEncoder, until isEnough: (Int) -> Bool) -> Int {
        let lanes = (0..<Self.lanes).map { _ in encoder.addLane() }
        let patches = [Float](repeating: 0.5, count: lanes.count * encoder.architecture.patchValues)
        var embeddings = [Float](repeating: 0, count: lanes.count * encoder.architecture.embedding)
        var output = embeddings.mutableSpan
        var (step, before) = (0, 0)
        while step < 10 || !isEnough(step) {
            if step == 10 { before = allocations_of_this_thread() }
            encoder.step(
                lanes: lanes.span.extracting(0..<step * 7 % lanes.count + 1), patches: patches.span,
                embeddings: &output)
            step += 1
        }
        return allocations_of_this_thread() - before
    }

    @Test func aWarmStepAllocatesNothing() throws {
        let encoder = StreamingEncoder(bundle: try Fixtures.bundle(), kernels: .scalar)
        #expect(Self.allocations(stepping: encoder) { $0 >= 100 } == 0)
    }

    /// Neither in the thread that steps nor in those that help it.
    @Test func aWarmStepOnSeveralThreadsAllocatesNothing() throws {
        let threads = 3
        let counts = (0..<threads).map { _ in HelperCount() }
        let network = PackedNetwork(bundle: try Fixtures.bundle(), kernels: .scalar)
        let encoder = StreamingEncoder(network, threads: threads) { work in
            WorkerPool(helpers: threads - 1, name: "test") { worker, chunk in
                work.run(worker: worker, chunk: chunk)
                counts[worker].note(allocations_of_this_thread())
            }
        }
        encoder.minimumShare = 1
        // The scheduler decides who gets which chunk: go on until every helper had plenty.
        let deadline = SystemTime.monotonicNanoseconds() + 120_000_000_000
        let own = Self.allocations(stepping: encoder) { _ in
            (counts[1].chunks >= 20 && counts[2].chunks >= 20) || SystemTime.monotonicNanoseconds() > deadline
        }
        #expect(own == 0)
        for (worker, count) in counts.enumerated().dropFirst() {
            #expect(count.chunks >= 20, "helper \(worker) never came")
            #expect(count.allocations == 0, "helper \(worker)")
        }
    }

    @Test func aWarmWindowAllocatesNothing() throws {
        let encoder = WindowEncoder(bundle: try Fixtures.bundle(), kernels: .scalar)
        let window = [Float](repeating: 0.5, count: 100 * encoder.architecture.patchValues)
        var embeddings = [Float](repeating: 0, count: 100 * encoder.architecture.embedding)
        var output = embeddings.mutableSpan
        encoder.embed(window: window.span, into: &output)
        let before = allocations_of_this_thread()
        encoder.embed(window: window.span, into: &output)
        encoder.embed(window: window.span.extracting(0..<encoder.architecture.patchValues), into: &output)
        #expect(allocations_of_this_thread() - before == 0)
    }

    /// The count itself: one allocation, freed at once, shows.
    @Test func anAllocationThatIsFreedAtOnceShows() {
        let before = allocations_of_this_thread()
        free(Self.block())
        #expect(allocations_of_this_thread() - before == 1)
    }

    /// Out of the optimiser's sight, which would strike an allocation that is freed at once.
    @inline(never) private static func block() -> UnsafeMutableRawPointer? { malloc(100) }
}

/// A helper's chunks, and what it has allocated between its second one and its last, waiting included.
private final class HelperCount: Sendable {
    private let done = Atomic(0)
    private let first = Atomic(0)
    private let latest = Atomic(0)

    func note(_ allocations: Int) {
        if done.add(1, ordering: .relaxed).newValue == 2 { first.store(allocations, ordering: .relaxed) }
        latest.store(allocations, ordering: .relaxed)
    }

    var chunks: Int { done.load(ordering: .relaxed) }
    var allocations: Int { latest.load(ordering: .relaxed) - first.load(ordering: .relaxed) }
}
