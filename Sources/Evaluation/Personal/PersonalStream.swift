import Adaptation
import Agent
import Inference
import Preprocessing
import SedgeCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// One person's sensor as a gateway would have it: causal normalisation, int8 encoder, and tier 2 on what was recorded,
/// without a label.
///
/// Windows are read one after the other, samples that two of them share once. Owned by one thread.
final class PersonalStream {
    private let bundle: ModelBundle
    private let kernels: KernelSet
    private let lanes: Int
    private let tapped: [Int8]  // (steps, lanes, k, C)
    private let embeddings: [Float]  // (steps, lanes, E)
    private let patches: [Float]  // (steps, lanes, patch)
    /// The steps of each window.
    private let steps: [Range<Int>]
    /// Level, scale and its logarithm of each lane at the end of each window.
    let scales: [[Double]]

    /// Samples a step: a quarter of a window is a dozen steps then.
    static let hop = 4
    private static let floor = 1e-4

    init(_ windows: LabelledWindows, bundle: ModelBundle, kernels: KernelSet) throws {
        self.bundle = bundle
        self.kernels = kernels
        lanes = MotionFrame.channelCount
        let architecture = bundle.architecture
        let preprocessing = try OfflinePipeline.preprocessing(
            of: AgentSettings(hop: Self.hop).configuration(channels: 1).streams[0], for: bundle)
        var normalizers = preprocessing.normalization.makeNormalizers(channels: lanes, holdLimit: preprocessing.maxGap)
        let encoder = StreamingEncoder(bundle: bundle, kernels: kernels)
        let numbers = (0..<lanes).map { _ in encoder.addLane() }
        var frame = MotionFrame()
        var recent = [Float](repeating: 0, count: lanes * architecture.patch)
        var (tapped, embeddings, patches) = ([Int8](), [Float](), [Float]())
        var (ranges, scales) = ([Range<Int>](), [[Double]]())
        var (seen, step) = (0, 0)
        for (window, fresh) in zip(windows.windows, windows.freshSamples) {
            let first = step
            for index in (window[0].count - fresh)..<window[0].count {
                let values = frame.transform(window.map { $0[index] })
                for lane in 0..<lanes {
                    let start = lane * architecture.patch
                    for place in start..<start + architecture.patch - 1 { recent[place] = recent[place + 1] }
                    recent[start + architecture.patch - 1] = normalizers[lane].normalize(values[lane])
                }
                seen += 1
                guard seen % Self.hop == 0, seen >= architecture.patch else { continue }
                var embedding = [Float](repeating: 0, count: lanes * architecture.embedding)
                var frames = [Int8](repeating: 0, count: lanes * architecture.tapBytes)
                var output = embedding.mutableSpan
                var taken = frames.mutableSpan
                encoder.step(lanes: numbers.span, patches: recent.span, embeddings: &output, tapped: &taken)
                embeddings += embedding
                tapped += frames
                patches += recent
                step += 1
            }
            // A window that begins with the end of the one before has that one's last steps too.
            let shared = (window[0].count - fresh) / Self.hop
            ranges.append(max(0, first - shared)..<max(step, 1))
            scales.append(
                normalizers.flatMap { [$0.level, $0.scale, log(max(0, min($0.scale, 1e6)) + Self.floor)] })
        }
        (self.tapped, self.embeddings, self.patches) = (tapped, embeddings, patches)
        (steps, self.scales) = (ranges, scales)
    }

    /// Mean and deviation of the embeddings over each window, by lane, with levels and scales; (windows, features).
    /// - Parameter tail: nil: the bundle's own.
    func features(_ tail: QuantizedTail?) -> [[Double]] {
        let width = lanes * bundle.architecture.embedding
        var values = embeddings
        let tapped = tapped
        if let tail {
            var output = values.mutableSpan
            TailEncoder(bundle.architecture).embed(
                tapped.span, with: PackedTail(tail, kernels: kernels), into: &output)
        }
        return zip(steps, scales).map { range, scales in
            var (sums, squares) = ([Double](repeating: 0, count: width), [Double](repeating: 0, count: width))
            for step in range where (step + 1) * width <= values.count {
                for index in 0..<width {
                    let value = Double(values[step * width + index])
                    sums[index] += value
                    squares[index] += value * value
                }
            }
            let count = Double(max(1, range.count))
            let deviations = zip(sums, squares).map { max(0, $1 / count - $0 * $0 / count / count).squareRoot() }
            return sums.map { $0 / count } + deviations + scales
        }
    }

    /// A round of tier 2 on all that was recorded: the agent's own recorder, trainer and judge with the shipped settings.
    func adapt(seed: UInt64) -> TailTrainer.Outcome? {
        let architecture = bundle.architecture
        var settings = Tier2Settings()
        // A few minutes of a person are all there is: nothing waits, and every place is used.
        (settings.segmentGap, settings.quarantineSteps) = (0, 0)
        let (tapped, patches) = (tapped, patches)
        var segments: [ReplaySegment] = []
        for lane in 0..<lanes {
            var recorder = ReplayRecorder(
                channels: 1, patch: architecture.patch, tapBytes: architecture.tapBytes, hop: Self.hop,
                clip: bundle.preprocessing.clip,
                coverage: ReplayCoverage(capacity: settings.segmentsPerStream, seed: seed), settings: settings)
            let (frames, patch) = (architecture.tapBytes, architecture.patch)
            for step in 0..<patches.count / (lanes * patch) {
                let row = step * lanes + lane
                recorder.observe(
                    time: Timestamp(milliseconds: Int64(step) * 40),
                    tapped: tapped.span.extracting(row * frames..<(row + 1) * frames),
                    patches: patches.span.extracting(row * patch..<(row + 1) * patch), state: nil, isOrdinary: true)
                segments += recorder.takeReady().map(\.segment)
            }
        }
        var random = SeededRandom(seed: seed)
        segments.shuffle(using: &random)
        segments = Array(segments.prefix(settings.segmentsPerStream))
        guard segments.count >= settings.leastSegments else { return nil }
        var trainer = TailTrainer(
            bundle: bundle, segments: segments, settings: settings, seed: seed, kernels: kernels)
        while true { if let outcome = trainer.advance() { return outcome } }
    }
}
