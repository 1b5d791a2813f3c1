#if canImport(Glibc)
    import Glibc
    import Inference
    import SedgeCore
    import Testing

    /// The hot path allocates nothing once it is warm.
    ///
    /// A thread that has just begun has no free memory of its own, so whatever it allocates, even if it frees it at
    /// once, makes the heap's used part grow: what is freed waits in the thread's cache, which counts as used. Other
    /// tests allocate meanwhile, hence the many short looks: one without growth proves the claim, since an allocation
    /// of ours would be in each of them.
    struct AllocationTests {
        /// The smallest growth of the heap, in bytes, over many runs of `body`, each in a thread of its own.
        private func smallestGrowth(attempts: Int, _ body: @escaping @Sendable () -> Void) -> Int {
            var smallest = Int.max
            for _ in 0..<attempts where smallest != 0 {
                let looks = (HeapLook(), HeapLook())
                WorkerThread(name: "allocations") {
                    looks.0.take()
                    body()
                    looks.1.take()
                }.join()
                let growth = looks.1.usedBytes - looks.0.usedBytes
                if abs(growth) < abs(smallest) { smallest = growth }
            }
            return smallest
        }

        @Test func aWarmStepAllocatesNothing() throws {
            let bundle = try ModelBundle.random(architecture: Fixtures.small, seed: 1)
            let encoder = StreamingEncoder(bundle: bundle, kernels: .scalar, batchCapacity: 4)
            let harness = Harness(encoder: encoder)
            harness.steps(10)
            nonisolated(unsafe) let shared = harness
            #expect(smallestGrowth(attempts: 500) { shared.steps(10) } == 0)
        }

        /// The look itself: one allocation, freed at once, shows.
        @Test func anAllocationThatIsFreedAtOnceShows() {
            #expect(smallestGrowth(attempts: 50) { free(malloc(100)) } != 0)
        }
    }

    /// One look at glibc's heap, by `malloc_info`, which Swift's module of glibc does not show.
    ///
    /// Written by one thread, read by another once the first has ended.
    private final class HeapLook: @unchecked Sendable {
        private static let capacity = 1 << 16
        private let buffer = UnsafeMutablePointer<CChar>.allocate(capacity: capacity)
        private let stream: UnsafeMutablePointer<FILE>
        private static let mallocInfo = unsafeBitCast(
            dlsym(nil, "malloc_info"), to: (@convention(c) (Int32, UnsafeMutablePointer<FILE>) -> Int32).self)

        init() {
            stream = fmemopen(buffer, Self.capacity, "w")!
            // The stream's own buffer is allocated by its first use.
            fputc(0x20, stream)
            _ = Self.mallocInfo
        }

        deinit {
            fclose(stream)
            buffer.deallocate()
        }

        func take() {
            _ = Self.mallocInfo(0, stream)
            fflush(stream)
        }

        /// What the system gave less what is free: the totals at the end of the XML.
        var usedBytes: Int {
            let text = String(cString: buffer)
            let totals = text.split(separator: "</heap>").last ?? ""
            func size(_ type: String, _ element: String) -> Int {
                let line = totals.split(separator: "\n").first { $0.contains("<\(element) type=\"\(type)\"") }
                let digits = line?.split(separator: "size=\"").last?.prefix { $0.isNumber }
                return digits.flatMap { Int($0) } ?? -1
            }
            return size("current", "system") - size("fast", "total") - size("rest", "total")
        }
    }

    /// An encoder with what its steps need, owned by one thread at a time.
    private final class Harness {
        let encoder: StreamingEncoder
        let lanes: [Int]
        let patches: [Float]
        var embeddings: [Float]

        init(encoder: StreamingEncoder) {
            self.encoder = encoder
            lanes = (0..<4).map { _ in encoder.addLane() }
            patches = [Float](repeating: 0.5, count: 4 * encoder.architecture.patchValues)
            embeddings = [Float](repeating: 0, count: 4 * encoder.architecture.embedding)
        }

        func steps(_ count: Int) {
            let lanes = lanes
            let patches = patches
            for step in 0..<count {
                var output = embeddings.mutableSpan
                encoder.step(
                    lanes: lanes.span.extracting(0..<step % 4 + 1), patches: patches.span, embeddings: &output)
            }
        }
    }
#endif
