import Inference
import SedgeCore

@testable import Adaptation

/// A small encoder, signals, and the segments that a recorder cuts from them.
enum ReplayFixture {
    static let architecture = TCNArchitecture(mode: .independent, patch: 8, channels: 16, blocks: 3, embedding: 12)
    static let bundle = try! ModelBundle.random(architecture: architecture, seed: 21)

    static var settings: Tier2Settings {
        var settings = Tier2Settings()
        settings.segmentGap = 0
        settings.quarantineSteps = 0
        return settings
    }

    /// Steps (channels, p) of two states in turn: a sine and a sawtooth with noise.
    struct Signal {
        private var random: SeededRandom
        private var step = 0
        let channels: Int

        init(seed: UInt64, channels: Int = 1) {
            random = SeededRandom(seed: seed)
            self.channels = channels
        }

        mutating func next() -> [Float] {
            defer { step += 1 }
            return (0..<channels).flatMap { channel in
                (0..<8).map { index in
                    let time = Float(step * 8 + index)
                    let phase = (time / Float(37 + 9 * channel)).truncatingRemainder(dividingBy: 1)
                    let triangle = 4 * abs(phase - 0.5) - 1
                    let shape = step / 300 % 2 == 0 ? triangle : 2 * phase - 1
                    return 1.5 * shape + 0.2 * Float(random.uniform() - 0.5)
                }
            }
        }
    }

    /// An encoder's way through a signal.
    final class Source {
        let encoder = StreamingEncoder(bundle: bundle, kernels: .scalar)
        let lanes: [Int]
        var signal: Signal
        private(set) var time = Timestamp(milliseconds: 1_700_000_000_000)

        init(seed: UInt64, channels: Int = 1) {
            signal = Signal(seed: seed, channels: channels)
            lanes = (0..<channels).map { [encoder] _ in encoder.addLane() }
        }

        struct Step {
            var time: Timestamp
            var patches: [Float]
            var embeddings: [Float]
            var tapped: [Int8]
        }

        func next() -> Step {
            let patches = signal.next()
            let lanes = lanes
            var embeddings = [Float](repeating: 0, count: lanes.count * architecture.embedding)
            var tapped = [Int8](repeating: 0, count: lanes.count * architecture.tapBytes)
            var output = embeddings.mutableSpan
            var frames = tapped.mutableSpan
            encoder.step(lanes: lanes.span, patches: patches.span, embeddings: &output, tapped: &frames)
            time = time + 1_000_000
            return Step(time: time, patches: patches, embeddings: embeddings, tapped: tapped)
        }
    }

    static func recorder(_ settings: Tier2Settings = settings, channels: Int = 1) -> ReplayRecorder {
        ReplayRecorder(
            channels: channels, patch: 8, tapBytes: architecture.tapBytes, hop: 8, clip: bundle.preprocessing.clip,
            coverage: ReplayCoverage(capacity: settings.segmentsPerStream, seed: 7), settings: settings)
    }

    /// `count` segments of an ordinary stream.
    static func segments(_ count: Int, seed: UInt64 = 1) -> [ReplaySegment] {
        let source = Source(seed: seed)
        var recorder = recorder()
        var found: [ReplaySegment] = []
        while found.count < count {
            let step = source.next()
            recorder.observe(
                time: step.time, tapped: step.tapped.span, patches: step.patches.span, state: nil, isOrdinary: true)
            found += recorder.takeReady().map(\.segment)
        }
        return found
    }

    /// A round from beginning to end.
    static func outcome(
        _ segments: [ReplaySegment], classes: [Int?] = [], settings: Tier2Settings = settings, seed: UInt64 = 3
    ) -> TailTrainer.Outcome {
        var trainer = TailTrainer(
            bundle: bundle, segments: segments, classes: classes, settings: settings, seed: seed, kernels: .scalar)
        while true { if let outcome = trainer.advance() { return outcome } }
    }
}
