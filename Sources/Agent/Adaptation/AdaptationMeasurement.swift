import Adaptation
package import Inference
import SedgeCore

/// What tier 2 costs, on replay of a generated stream: for `sedge bench adaptation`.
package enum AdaptationMeasurement {
    package struct Round: Sendable {
        package var segments: Int
        package var slices: Int
        package var cpuSeconds: Double
        /// Seconds of CPU.
        package var longestSlice: Double
        /// The most memory that round and replay took, beyond what there was.
        package var megabytes: Double
        package var outcome: String
    }

    package struct Share: Sendable {
        /// CPU time over time.
        package var used: Double
        package var seconds: Double
    }

    /// One round from replay to judgement, as fast as it goes.
    package static func round(bundle: ModelBundle, kernels: KernelSet) -> Round {
        let settings = Tier2Settings()
        // Made before the first reading: the store of an agent lies on disk.
        let entries = replay(of: bundle, kernels, settings).map { ($0.place, $0.segment.bytes()) }
        let before = ProcessUsage.resetPeakMemory()
        let shelf = MemoryShelf()
        for (place, bytes) in entries {
            guard
                let segment = try? ReplaySegment(
                    bytes, tapBytes: bundle.architecture.tapBytes, patch: bundle.architecture.patch)
            else { continue }
            shelf.put([ReplayRecorder.Entry(place: place, segment: segment)], of: stream)
        }
        var round = AdaptationRound(
            .train([stream], start: nil), bundle: bundle, kernels: kernels, settings: settings, shelf: shelf, seed: 1)
        let start = SystemTime.threadCPUNanoseconds()
        var (slices, longest, last) = (0, 0.0, start)
        var result: AdaptationRound.Result?
        while result == nil {
            result = round.advance()
            let now = SystemTime.threadCPUNanoseconds()
            longest = max(longest, Double(now - last) / 1e9)
            last = now
            slices += 1
        }
        let peak = ProcessUsage.peakMemoryBytes()
        var outcome = "nothing to train on"
        if case .trained(_, let trained)? = result {
            let decision = trained.decision
            outcome =
                "\(decision.outcome.rawValue), \(decision.reason.rawValue): loss "
                + "\(rounded(decision.figures.lossBefore)) to \(rounded(decision.figures.lossAfter))"
        }
        return Round(
            segments: entries.count, slices: slices, cpuSeconds: Double(last - start) / 1e9, longestSlice: longest,
            megabytes: Double(max(0, peak - before)) / 1e6, outcome: outcome)
    }

    /// Round after round on the agent's own thread, within a budget.
    package static func budget(bundle: ModelBundle, kernels: KernelSet, percent: Int, seconds: Double) -> Share {
        let settings = Tier2Settings()
        let shelf = MemoryShelf()
        shelf.put(replay(of: bundle, kernels, settings), of: stream)
        let runner = BackgroundRunner(percent: percent)
        defer { runner.stop() }
        let start = SystemTime.monotonicNanoseconds()
        let wait = Wakeup()
        var seed: UInt64 = 0
        while true {
            let elapsed = Double(SystemTime.monotonicNanoseconds() - start) / 1e9
            guard elapsed < seconds else {
                return Share(used: Double(runner.cpuNanoseconds) / 1e9 / elapsed, seconds: elapsed)
            }
            _ = runner.take(for: bundle.fingerprint)
            if !runner.isBusy {
                seed += 1
                runner.start(
                    AdaptationRound(
                        .train([stream], start: nil), bundle: bundle, kernels: kernels, settings: settings,
                        shelf: shelf, seed: seed), for: bundle.fingerprint)
            }
            wait.wait(milliseconds: 5)
        }
    }

    private static let stream: StreamID = {
        guard let id = try? StreamID("bench") else { preconditionFailure("a name that is one") }
        return id
    }()

    /// As many segments as a stream may keep, of a wave whose shape changes, with noise.
    private static func replay(
        of bundle: ModelBundle, _ kernels: KernelSet, _ settings: Tier2Settings
    ) -> [ReplayRecorder.Entry] {
        let architecture = bundle.architecture
        let encoder = StreamingEncoder(bundle: bundle, kernels: kernels)
        let lane = encoder.addLane()
        var settings = settings
        (settings.segmentGap, settings.quarantineSteps) = (0, 0)
        var recorder = ReplayRecorder(
            channels: 1, patch: architecture.patch, tapBytes: architecture.tapBytes, hop: architecture.patch,
            clip: bundle.preprocessing.clip, coverage: ReplayCoverage(capacity: settings.segmentsPerStream, seed: 1),
            settings: settings)
        var random = SeededRandom(seed: 1)
        var found: [ReplayRecorder.Entry] = []
        var embedding = [Float](repeating: 0, count: architecture.embedding)
        var tapped = [Int8](repeating: 0, count: architecture.tapBytes)
        var step = 0
        while found.count < settings.segmentsPerStream {
            let patch = (0..<architecture.patch).map { index in
                let phase = (Float(step * architecture.patch + index) / 53).truncatingRemainder(dividingBy: 1)
                let shape = step / 200 % 2 == 0 ? 4 * abs(phase - 0.5) - 1 : 2 * phase - 1
                return 1.5 * shape + 0.5 * Float(random.uniform() - 0.5)
            }
            var output = embedding.mutableSpan
            var frames = tapped.mutableSpan
            encoder.step(lanes: [lane].span, patches: patch.span, embeddings: &output, tapped: &frames)
            recorder.observe(
                time: Timestamp(milliseconds: Int64(step) * 1000), tapped: tapped.span, patches: patch.span,
                state: "state-\(step / 200 % 2)", isOrdinary: true)
            found += recorder.takeReady()
            step += 1
        }
        return found
    }

    private static func rounded(_ value: Double) -> Double { (value * 10_000).rounded() / 10_000 }
}
