import CAllocations
import Glibc
import Inference
import SedgeCore
import Testing

/// The hot path allocates nothing once it is warm.
struct AllocationTests {
    @Test func aWarmStepAllocatesNothing() throws {
        let bundle = try ModelBundle.random(architecture: Fixtures.small, seed: 1)
        let encoder = StreamingEncoder(bundle: bundle, kernels: .scalar, batchCapacity: 4)
        let lanes = (0..<4).map { _ in encoder.addLane() }
        let patches = [Float](repeating: 0.5, count: 4 * encoder.architecture.patchValues)
        var embeddings = [Float](repeating: 0, count: 4 * encoder.architecture.embedding)
        func run(_ steps: Int) {
            var output = embeddings.mutableSpan
            for step in 0..<steps {
                encoder.step(
                    lanes: lanes.span.extracting(0..<step % 4 + 1), patches: patches.span, embeddings: &output)
            }
        }
        run(10)
        let before = allocations_of_this_thread()
        run(100)
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
