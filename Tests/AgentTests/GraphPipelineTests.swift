import Adaptation
import Inference
import Logging
import Preprocessing
import SedgeCore
import Store
import Synchronization
import Testing

@testable import Agent

/// Imported models that are no TCN, in the agent: windows, steps beside a past, one channel or several together.
@Suite struct GraphPipelineTests {
    private static let everyState = #"{"state_interval_ms":0}"#
    private static let start: Int64 = 1_800_000_000_000

    private func pipeline(_ kind: GraphsUnderTest, checkpoints: [Checkpoint] = []) throws -> PipelineUnderTest {
        try PipelineUnderTest(
            kind.configuration, checkpoints: checkpoints, mqtt: Self.everyState, encoder: .graph(kind.bundle()))
    }

    /// Noise on each channel, the second one following the first, with a level that moves at `shift`.
    private static func samples(_ count: Int, channels: Int, shift: Int = .max) -> [[Double]] {
        var random = SeededRandom(seed: 9)
        return (0..<count).map { index in
            let first = random.uniform() - 0.5
            let level = index >= shift ? 5.0 : 0
            return (0..<channels).map { $0 == 0 ? first + level : first + 0.1 * random.uniform() + level }
        }
    }

    private func feed(_ test: PipelineUnderTest, _ samples: [[Double]], _ range: Range<Int>) {
        for index in range { send(test, samples[index], index) }
    }

    private func send(_ test: PipelineUnderTest, _ sample: [Double], _ index: Int) {
        let time = Timestamp(milliseconds: Self.start + Int64(index) * 100)
        let values = zip(["x", "y", "z"], sample).map { #""\#($0)":\#($1)"# }.joined(separator: ",")
        test.receive(#"{"ts":\#(time.milliseconds),\#(values)}"#, arrival: time)
    }

    @Test(arguments: GraphsUnderTest.allCases)
    func everyStepHasTheEmbeddingOfItsWindow(kind: GraphsUnderTest) throws {
        let test = try pipeline(kind)
        let bundle = try kind.bundle()
        let reference = GraphEncoder(bundle: bundle, kernels: .scalar)
        let lane = [reference.addLane()]
        let samples = Self.samples(200, channels: kind.channels)
        let size = bundle.graph.embedding
        var (expected, steps) = ([Float](repeating: 0, count: size), 0)
        for index in samples.indices {
            send(test, samples[index], index)
            guard index + 1 >= kind.samples, (index + 1 - kind.samples) % GraphsUnderTest.hop == 0 else { continue }
            let patch = (0..<kind.channels).flatMap { channel in
                samples[index + 1 - kind.samples...index].map { Float($0[channel]) }
            }
            var target = expected.mutableSpan
            reference.step(lanes: lane.span, patches: patch.span, embeddings: &target)
            steps += 1
            let found = Array(test.pipeline.models.standard.batch.embeddings[..<(kind.channels * size)])
            #expect(found == Array(repeatElement(expected, count: kind.channels).joined()), "sample \(index)")
        }
        #expect(steps > 40 && Set(expected).count > 1)
        #expect(test.pipeline.models.standard.encoder.laneCount == 1)
    }

    @Test(arguments: GraphsUnderTest.allCases)
    func aStreamGetsReadyAndSaysWhatIsUnusual(kind: GraphsUnderTest) throws {
        let test = try pipeline(kind)
        feed(test, Self.samples(2600, channels: kind.channels, shift: 2500), 0..<2600)
        let states = test.outlet.states.withLock { $0 }
        let fingerprint = try kind.bundle().fingerprint
        #expect(states.last?.phase == .ready && states.last?.model == fingerprint)
        #expect(states.contains { $0.forecast == nil && $0.score != nil })
        let alarms = test.outlet.insights.withLock { $0.filter { $0.kind == .anomaly && $0.phase == .start } }
        let first = try #require(alarms.first)
        #expect(first.ts >= Timestamp(milliseconds: Self.start + 250_000))
        #expect(first.channels?.count == kind.channels)
    }

    @Test(arguments: GraphsUnderTest.allCases)
    func aRestoredStreamGoesOnAsIfNothingHadHappened(kind: GraphsUnderTest) throws {
        let samples = Self.samples(2000, channels: kind.channels)
        let unbroken = try pipeline(kind)
        feed(unbroken, samples, 0..<2000)
        let first = try pipeline(kind)
        // In the middle of a hop and of a window.
        feed(first, samples, 0..<1498)
        let second = try pipeline(kind, checkpoints: first.pipeline.checkpoints(includingLanes: true))
        feed(second, samples, 1498..<2000)
        let expected = unbroken.outlet.states.withLock { $0 }
        #expect(expected.last?.phase == .ready)
        #expect(Array(expected.suffix(120)) == Array(second.outlet.states.withLock { $0 }.suffix(120)))
    }

    /// Learners see of a window what is new, so that a level is that of now.
    @Test func learnersSeeTheNewestSamples() throws {
        let test = try pipeline(.window)
        let samples = Self.samples(400, channels: 1)
        feed(test, samples, 0..<400)
        let configuration = try #require(test.stream.learner?.configuration)
        #expect((configuration.patch, configuration.hop) == (8, 4))
        let mean = samples[392...].reduce(0) { $0 + $1[0] } / 8
        #expect(abs(Double(test.stream.learner!.stepFeatures[5]) - mean) < 1e-6)
    }

    @Test(arguments: [
        (GraphsUnderTest.window, 1, 25, "stream[0].hop", "1 to 24, the patch of"),
        (.stream, 1, 8, "stream[0].hop", "4, the step of"),
        (.joint, 3, 4, "stream[0].channels", "2, which joint@1#"),
        (.joint, 1, 4, "stream[0].channels", "2, which joint@1#"),
    ])
    func whatTheGraphCanNotReadIsRefused(
        kind: GraphsUnderTest, channels: Int, hop: Int, path: String, expected: String
    ) throws {
        let error = #expect(throws: ConfigurationError.self) {
            try PipelineUnderTest(
                GraphsUnderTest.configuration(channels: channels, hop: hop), encoder: .graph(kind.bundle()))
        }
        #expect(error?.path == path)
        #expect(error?.expected.contains(expected) == true, "\(error.map { "\($0)" } ?? "")")
    }

    @Test(arguments: GraphsUnderTest.allCases)
    func retrainingIsRefusedAndSaid(kind: GraphsUnderTest) throws {
        let test = try pipeline(kind)
        test.pipeline.tier2Source = SteppedTier2Source(slicesPerStep: 1, seed: 1, log: test.pipeline.log)
        let rest = #","adaptation":{"tier2":true}"#
        let bundle = try kind.bundle()
        _ = try test.adopt([kind.configuration], encoder: .graph(bundle), rest: rest)
        #expect(test.pipeline.models.all.filter { $0.bundle.retrainable == nil }.allSatisfy { $0.tier2 == nil })
        feed(test, Self.samples(200, channels: kind.channels), 0..<200)
        test.pipeline.adaptInIdleTime(steps: 1)
        let configuration = try Configuration(json: Array(#"{"node":"n"\#(rest)}"#.utf8))
        let notes = ConfigurationCheck.notes(
            on: configuration, with: BundleSet(standard: .graph(bundle), named: "a", others: [:]))
        #expect(notes.contains { $0.contains("adaptation.tier2 has no effect on streams of \(bundle.fingerprint)") })
        let plain = ConfigurationCheck.notes(
            on: configuration, with: BundleSet(standard: .tcn(PipelineUnderTest.bundle), named: "a", others: [:]))
        #expect(!plain.contains { $0.contains("adaptation.tier2") })
    }

    @Test(arguments: GraphsUnderTest.allCases)
    func anotherGraphOfTheSameShapeGoesOnCalibrated(kind: GraphsUnderTest) throws {
        let samples = Self.samples(2400, channels: kind.channels)
        let test = try pipeline(kind)
        feed(test, samples, 0..<1800)
        let every = #","mqtt":{"state_interval_ms":0}"#
        let other = try kind.bundle(seed: 2)
        #expect(
            try test.adopt([kind.configuration], encoder: .graph(other), rest: every).restarted == [test.stream.id])
        #expect(test.stream.learner?.isCalibrated == true, "rehearsed with what the former one saw")
        feed(test, samples, 1800..<2400)
        #expect(test.outlet.states.withLock { $0.last }?.model == other.fingerprint)
        #expect(test.outlet.insights.withLock { $0.filter { $0.kind == .anomaly } }.isEmpty)
    }

    @Test func fromTheEnginesOwnNetworkToAGraphAndBack() throws {
        let samples = Self.samples(2000, channels: 1)
        let test = try PipelineUnderTest(GraphsUnderTest.window.configuration, mqtt: Self.everyState)
        feed(test, samples, 0..<1500)
        let every = #","mqtt":{"state_interval_ms":0}"#
        let bundle = try GraphsUnderTest.window.bundle()
        _ = try test.adopt([GraphsUnderTest.window.configuration], encoder: .graph(bundle), rest: every)
        #expect(test.stream.status.phase == .learning, "another window: it learns afresh")
        feed(test, samples, 1500..<1700)
        #expect(test.outlet.states.withLock { $0.last }?.model == bundle.fingerprint)
        _ = try test.adopt([GraphsUnderTest.window.configuration], rest: every)
        #expect(test.stream.status.phase == .ready, "what was learned with the first is there again")
        feed(test, samples, 1700..<2000)
        #expect(test.outlet.states.withLock { $0.last }?.model == PipelineUnderTest.bundle.fingerprint)
    }

    /// What `sedge train --mode joint` makes, too.
    @Test func theEnginesOwnNetworkReadsChannelsTogether() throws {
        let scaling = BundlePreprocessing.ChannelScaling(center: 0, scale: 1)
        let bundle = try ModelBundle.random(
            architecture: TCNArchitecture(
                mode: .joint, inputChannels: 2, patch: 4, channels: 8, blocks: 2, embedding: 8), seed: 3,
            preprocessing: BundlePreprocessing(normalisation: .fixed([scaling, scaling]), clip: 8, defaultHop: 4))
        let test = try PipelineUnderTest(
            GraphsUnderTest.joint.configuration, mqtt: Self.everyState, encoder: .tcn(bundle))
        let reference = StreamingEncoder(bundle: bundle, kernels: .scalar)
        let lane = [reference.addLane()]
        let samples = Self.samples(1600, channels: 2)
        var expected = [Float](repeating: 0, count: 8)
        for index in samples.indices {
            send(test, samples[index], index)
            guard index % 4 == 3 else { continue }
            let patch = (0..<2).flatMap { channel in samples[index - 3...index].map { Float($0[channel]) } }
            var target = expected.mutableSpan
            reference.step(lanes: lane.span, patches: patch.span, embeddings: &target)
            #expect(Array(test.pipeline.models.standard.batch.embeddings[..<16]) == expected + expected)
        }
        #expect(test.outlet.states.withLock { $0.last }?.phase == .ready)
        #expect(test.pipeline.models.standard.bundle.retrainable == nil)
    }

    @Test func manyStreamsShareABatchInAnyOrder() throws {
        let streams = (0..<5).map {
            GraphsUnderTest.joint.configuration.replacing(
                #""topic":"t","id":"s""#, with: #""topic":"t\#($0)","id":"s\#($0)""#)
        }
        let bundle = try GraphsUnderTest.joint.bundle()
        let test = try PipelineUnderTest(streams.joined(separator: ","), encoder: .graph(bundle))
        let samples = Self.samples(40, channels: 2)
        for (index, sample) in samples.enumerated() {
            let time = Timestamp(milliseconds: Self.start + Int64(index) * 100)
            for stream in 0..<5 {
                test.receive(
                    #"{"ts":\#(time.milliseconds),"x":\#(sample[0] + Double(stream)),"y":\#(sample[1])}"#,
                    topic: "t\(stream)", arrival: time)
            }
        }
        // All together now.
        let shape = BatchShape(.graph(bundle))
        var batch = StepBatch(shape)
        for (index, stream) in test.pipeline.streams.enumerated() {
            for sample in 40..<44 {
                let time = Timestamp(milliseconds: Self.start + Int64(sample) * 100)
                stream.preprocessor.append(time: time, arrival: time, values: [Double(index), 1].span)
            }
            let isDue = batch.take(from: stream)
            #expect(isDue)
        }
        batch.run(test.pipeline.models.standard.encoder, nil)
        let reference = GraphEncoder(bundle: bundle, kernels: .scalar)
        let lane = [reference.addLane()]
        for entry in batch.entries {
            var expected = [Float](repeating: 0, count: shape.embedding)
            var target = expected.mutableSpan
            let patches = batch.patches
            reference.step(
                lanes: lane.span, patches: patches.span.extracting(batch.patches(of: entry)), embeddings: &target)
            let found = Array(batch.embeddings[batch.embeddings(of: entry)])
            #expect(found == expected + expected)
        }
    }
}
