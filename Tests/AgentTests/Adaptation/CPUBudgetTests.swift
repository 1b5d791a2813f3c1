import Adaptation
import Inference
import SedgeCore
import TestSupport
import Testing

@testable import Agent

/// Training keeps to its share of a core, measured on the thread itself.
@Suite(.serialized) struct CPUBudgetTests {
    /// Emulated tests take all cores for half an hour: the lowest priority would get nothing.
    private let isCrowded = patience > 1

    @Test(arguments: [1, 5, 10, 25, 50]) func pausesMakeTheShare(percent: Int) {
        var pacer = CPUPacer(percent: percent)
        var (wall, cpu): (Int64, Int64) = (1_000_000, 500)
        _ = pacer.pause(wall: wall, cpu: cpu)
        let (startWall, startCPU) = (wall, cpu)
        for slice in 0..<200 {
            // Slices of 3 to 12 ms, now and then kept off the core for longer than they work.
            let work = Int64(3_000_000 + slice * 7919 % 9_000_000)
            cpu += work
            wall += work + (slice % 5 == 0 ? 2 * work : 0)
            wall += pacer.pause(wall: wall, cpu: cpu)
        }
        let share = Double(cpu - startCPU) / Double(wall - startWall)
        #expect(share <= Double(percent) / 100 * 1.01, "\(share)")
        #expect(share >= Double(percent) / 100 * 0.8, "\(share)")
    }

    @Test func idleTimeIsNotSavedUp() {
        var pacer = CPUPacer(percent: 10)
        _ = pacer.pause(wall: 0, cpu: 0)
        // An hour in which nothing was to be done.
        _ = pacer.pause(wall: 3_600_000_000_000, cpu: 0)
        #expect(pacer.pause(wall: 3_600_010_000_000, cpu: 10_000_000) == 90_000_000)
    }

    /// The real thread, a real round; the machine may be busy with other things, so only CPU time is believed.
    @Test func aRoundOnItsThreadKeepsTheBudget() throws {
        let percent = 20
        let runner = BackgroundRunner(percent: percent, yields: !isCrowded)
        defer { runner.stop() }
        let shelf = MemoryShelf()
        let stream = try StreamID("s")
        shelf.put(Replay.entries(64), of: stream)
        var settings = Tier2Settings()
        settings.trainingSteps = 100_000
        runner.start(
            AdaptationRound(
                .train([stream], start: nil), bundle: PipelineUnderTest.bundle, kernels: .scalar, settings: settings,
                shelf: shelf, seed: 1), for: "m")
        #expect(runner.isBusy)
        let first = (wall: SystemTime.monotonicNanoseconds(), cpu: runner.cpuNanoseconds)
        while SystemTime.monotonicNanoseconds() - first.wall < 3_000_000_000 { SleepingThread.sleep(milliseconds: 20) }
        let wall = Double(SystemTime.monotonicNanoseconds() - first.wall)
        let share = Double(runner.cpuNanoseconds - first.cpu) / wall * 100
        #expect(share <= Double(percent) * 1.2, "\(share) %")
        // Less only where others take the machine: the thread has the lowest priority.
        #expect(share > 0)
    }

    private static func wait(until holds: () -> Bool) -> Bool {
        for _ in 0..<6000 where !holds() { SleepingThread.sleep(milliseconds: 10) }
        return holds()
    }

    /// A model that is replaced takes its round with it, whether it waits, is being done, or is done.
    @Test(arguments: [0, 300, -1]) func aRoundOfAModelThatHasGoneHoldsNobodyUp(_ milliseconds: Int) throws {
        let runner = BackgroundRunner(percent: 100, yields: !isCrowded)
        defer { runner.stop() }
        let stream = try StreamID("s")
        let shelf = MemoryShelf()
        shelf.put(Replay.entries(64), of: stream)
        func start(_ owner: String, steps: Int) {
            var settings = Tier2Settings()
            settings.trainingSteps = steps
            runner.start(
                AdaptationRound(
                    .train([stream], start: nil), bundle: PipelineUnderTest.bundle, kernels: .scalar,
                    settings: settings, shelf: shelf, seed: 1), for: owner)
        }
        start("a", steps: milliseconds < 0 ? 1 : 100_000)
        if milliseconds < 0 {
            let before = runner.cpuNanoseconds
            #expect(Self.wait { runner.cpuNanoseconds > before })
            SleepingThread.sleep(milliseconds: 500)
        } else {
            SleepingThread.sleep(milliseconds: milliseconds)
        }
        runner.abandon("a")
        #expect(Self.wait { !runner.isBusy })
        #expect(runner.take(for: "a") == nil)
        start("b", steps: 1)
        var report: RoundReport?
        #expect(
            Self.wait {
                report = report ?? runner.take(for: "b")
                return report != nil
            })
        #expect(!runner.isBusy)
    }

    @Test func aRoundInHandIsDroppedAtTheEnd() throws {
        let runner = BackgroundRunner(percent: 1, yields: !isCrowded)
        let shelf = MemoryShelf()
        let stream = try StreamID("s")
        shelf.put(Replay.entries(64), of: stream)
        var settings = Tier2Settings()
        settings.trainingSteps = 100_000
        let idle = runner.cpuNanoseconds
        runner.start(
            AdaptationRound(
                .train([stream], start: nil), bundle: PipelineUnderTest.bundle, kernels: .scalar, settings: settings,
                shelf: shelf, seed: 1), for: "m")
        #expect(Self.wait { runner.cpuNanoseconds > idle })
        #expect(runner.isBusy)
        let before = SystemTime.monotonicNanoseconds()
        runner.stop()
        // The round whole would take hours.
        #expect(SystemTime.monotonicNanoseconds() - before < 60_000_000_000)
    }
}

/// A test's own waiting.
enum SleepingThread {
    static func sleep(milliseconds: Int) { Wakeup().wait(milliseconds: milliseconds) }
}

/// Replay that an encoder made of a signal.
enum Replay {
    static func entries(_ count: Int) -> [ReplayRecorder.Entry] {
        let bundle = PipelineUnderTest.bundle
        let architecture = bundle.architecture
        let encoder = StreamingEncoder(bundle: bundle, kernels: .scalar)
        let lane = encoder.addLane()
        var settings = Tier2Settings()
        settings.quarantineSteps = 0
        var recorder = ReplayRecorder(
            channels: 1, patch: 8, tapBytes: architecture.tapBytes, hop: 8, clip: 8,
            coverage: ReplayCoverage(capacity: 256, seed: 1), settings: settings)
        var found: [ReplayRecorder.Entry] = []
        var random = SeededRandom(seed: 2)
        var step = 0
        while found.count < count {
            let patch = (0..<8).map { index in
                let phase = (Float(step * 8 + index) / 41).truncatingRemainder(dividingBy: 1)
                return 4 * abs(phase - 0.5) - 1 + 0.2 * Float(random.uniform() - 0.5)
            }
            var embedding = [Float](repeating: 0, count: architecture.embedding)
            var tapped = [Int8](repeating: 0, count: architecture.tapBytes)
            var output = embedding.mutableSpan
            var frames = tapped.mutableSpan
            encoder.step(lanes: [lane].span, patches: patch.span, embeddings: &output, tapped: &frames)
            recorder.observe(
                time: Timestamp(milliseconds: Int64(step) * 1000), tapped: tapped.span, patches: patch.span,
                state: "state-1", isOrdinary: true)
            found += recorder.takeReady()
            step += 1
        }
        return found
    }
}
