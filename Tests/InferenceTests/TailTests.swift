import CAllocations
import Inference
import SedgeCore
import Testing

/// The last block and the projection by themselves, and in another's place.
struct TailTests {
    /// One lane's steps: embeddings, and the frames that the last block read.
    private static func stream(_ bundle: ModelBundle, steps: Int, seed: UInt64) -> (embeddings: [Float], tapped: [Int8])
    {
        let architecture = bundle.architecture
        let encoder = StreamingEncoder(bundle: bundle, kernels: .scalar)
        let lane = encoder.addLane()
        var random = SeededRandom(seed: seed)
        let patches = Fixtures.patches(architecture, steps: steps, random: &random)
        var (embeddings, tapped) = ([Float](), [Int8]())
        for step in 0..<steps {
            var embedding = [Float](repeating: 0, count: architecture.embedding)
            var frames = [Int8](repeating: 0, count: architecture.tapBytes)
            var output = embedding.mutableSpan
            var taps = frames.mutableSpan
            let values = architecture.patchValues
            encoder.step(
                lanes: [lane].span, patches: patches.span.extracting(step * values..<(step + 1) * values),
                embeddings: &output, tapped: &taps)
            embeddings += embedding
            tapped += frames
        }
        return (embeddings, tapped)
    }

    private static func embed(_ tapped: [Int8], _ tail: QuantizedTail, _ architecture: TCNArchitecture) -> [Float] {
        let rows = tapped.count / architecture.tapBytes
        var embeddings = [Float](repeating: 0, count: rows * architecture.embedding)
        var output = embeddings.mutableSpan
        TailEncoder(architecture, capacity: 7).embed(
            tapped.span, with: PackedTail(tail, kernels: .scalar), into: &output)
        return embeddings
    }

    @Test(arguments: Fixtures.architectures) func tappedFramesGiveTheEncodersEmbeddings(
        _ architecture: TCNArchitecture
    ) throws {
        let bundle = try ModelBundle.random(architecture: architecture, seed: 5)
        let found = Self.stream(bundle, steps: 40, seed: 11)
        #expect(Self.embed(found.tapped, bundle.network.tail, architecture) == found.embeddings)
    }

    /// What training may leave behind: scales that are no numbers or far out, weights that are missing, sums that 32 bits
    /// do not hold.
    @Test func whatTheKernelsCanNotComputeIsSaid() throws {
        let bundle = try Fixtures.bundle()
        let good = bundle.network.tail
        func isComputable(_ change: (inout QuantizedTail) -> Void) -> Bool {
            var tail = good
            change(&tail)
            return tail.isComputable(in: bundle.architecture)
        }
        #expect(isComputable { _ in })
        for scale in [Float.nan, .infinity, 0, -1, 1e-38] {
            #expect(!isComputable { $0.embedding.scale = scale }, "\(scale)")
            #expect(!isComputable { $0.block.output.scale = scale }, "\(scale)")
        }
        #expect(!isComputable { $0.projection.weight.removeLast() })
        #expect(!isComputable { $0.projection.weightScale[0] = .nan })
        #expect(!isComputable { $0.block.conv.bias[0] = .max })
    }

    /// A tail over the tapped frames is the network that has that tail.
    @Test func aTailInAnothersPlaceIsTheNetworkWithIt() throws {
        let bundle = try Fixtures.bundle()
        var tail = bundle.network.tail
        tail.projection.weight = tail.projection.weight.map { $0 / 2 }
        tail.block.conv.bias = tail.block.conv.bias.map { $0 + 30 }
        tail.embedding.scale *= 0.75
        let other = try bundle.replacing(network: bundle.network.replacing(tail: tail, in: bundle.architecture))
        let base = Self.stream(bundle, steps: 30, seed: 12)
        let swapped = Self.stream(other, steps: 30, seed: 12)
        #expect(swapped.tapped == base.tapped)
        #expect(Self.embed(base.tapped, tail, bundle.architecture) == swapped.embeddings)
        #expect(swapped.embeddings != base.embeddings)
    }

    @Test func lanesHaveTheirOwnTailsAndOthersKeepTheEncoders() throws {
        let bundle = try Fixtures.bundle()
        let architecture = bundle.architecture
        let found = Self.stream(bundle, steps: 6, seed: 13)
        var tail = bundle.network.tail
        tail.projection.bias = tail.projection.bias.map { $0 + 500 }
        let packed = PackedTail(tail, kernels: .scalar)
        let tails = LaneTails(architecture)
        tails.set(packed, ofLane: 4)
        tails.set(packed, ofLane: 1)
        var embeddings = found.embeddings
        var output = embeddings.mutableSpan
        tails.apply(lanes: [0, 1, 2, 3, 4, 5].span, tapped: found.tapped.span, embeddings: &output)
        let expected = Self.embed(found.tapped, tail, architecture)
        let width = architecture.embedding
        for row in 0..<6 {
            let source = row == 1 || row == 4 ? expected : found.embeddings
            #expect(
                embeddings[row * width..<(row + 1) * width] == source[row * width..<(row + 1) * width], "row \(row)")
        }
        tails.set(nil, ofLane: 1)
        #expect(!tails.isEmpty)
        tails.set(nil, ofLane: 4)
        #expect(tails.isEmpty)
    }

    @Test func aWarmSwappedStepAllocatesNothing() throws {
        let bundle = try Fixtures.bundle()
        let architecture = bundle.architecture
        let encoder = StreamingEncoder(bundle: bundle, kernels: .scalar)
        let lanes = (0..<9).map { _ in encoder.addLane() }
        let tails = LaneTails(architecture)
        let (first, second) = (
            PackedTail(bundle.network.tail, kernels: .scalar), PackedTail(bundle.network.tail, kernels: .scalar)
        )
        for lane in lanes { tails.set(lane % 2 == 0 ? first : second, ofLane: lane) }
        let patches = [Float](repeating: 0.5, count: lanes.count * architecture.patchValues)
        var embeddings = [Float](repeating: 0, count: lanes.count * architecture.embedding)
        var tapped = [Int8](repeating: 0, count: lanes.count * architecture.tapBytes)
        var count = 0
        for step in 0..<20 {
            let before = allocations_of_this_thread()
            var output = embeddings.mutableSpan
            var taps = tapped.mutableSpan
            encoder.step(lanes: lanes.span, patches: patches.span, embeddings: &output, tapped: &taps)
            tails.apply(lanes: lanes.span, tapped: taps.span, embeddings: &output)
            if step >= 5 { count += allocations_of_this_thread() - before }
            // Between two steps a tail goes to another lane.
            tails.set(step % 2 == 0 ? second : first, ofLane: 3)
        }
        #expect(count == 0)
    }

    @Test func aTailComesBackFromItsBytes() throws {
        let bundle = try Fixtures.bundle()
        var tail = bundle.network.tail
        tail.projection.weight[0] = 17
        #expect(try QuantizedTail(snapshot: tail.snapshot(of: bundle.fingerprint), of: bundle) == tail)
    }

    @Test func anotherBundlesTailIsRefused() throws {
        let bundle = try Fixtures.bundle()
        let other = try Fixtures.bundle(seed: 2)
        #expect(throws: SnapshotError.self) {
            _ = try QuantizedTail(snapshot: bundle.network.tail.snapshot(of: bundle.fingerprint), of: other)
        }
        #expect(throws: BundleError.self) {
            _ = try bundle.network.replacing(tail: other.network.tail.replacingInput(scale: 9), in: bundle.architecture)
        }
    }

    /// Every damaged byte is noticed; a tail with impossible numbers and a right checksum too.
    @Test func damagedTailsAreRefused() throws {
        let bundle = try Fixtures.bundle()
        let bytes = bundle.network.tail.snapshot(of: bundle.fingerprint)
        for index in stride(from: 0, to: bytes.count, by: 7) {
            var damaged = bytes
            damaged[index] ^= 0x40
            #expect(throws: SnapshotError.self) { _ = try QuantizedTail(snapshot: damaged, of: bundle) }
        }
        for scale in [Float.nan, -1, 0, .infinity] {
            var tail = bundle.network.tail
            tail.block.output.scale = scale
            let bytes = tail.snapshot(of: bundle.fingerprint)
            #expect(throws: SnapshotError.self) { _ = try QuantizedTail(snapshot: bytes, of: bundle) }
        }
    }
}

extension QuantizedTail {
    fileprivate func replacingInput(scale: Float) -> Self {
        Self(
            input: ActivationQuantization(scale: scale, zeroPoint: input.zeroPoint), block: block,
            projection: projection, embedding: embedding)
    }
}
