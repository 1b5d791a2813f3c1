import SedgeCore
import Testing

@testable import Adaptation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

@Suite struct DriftTests {
    /// Without noise the delay is threshold / (fall − tolerance).
    @Test(arguments: [(0.3, 5), (0.15, 11), (0.55, 3)])
    func pageHinkleyFiresAfterItsAnalyticDelay(fall: Double, delay: Int) {
        var test = PageHinkley(tolerance: 0.05, threshold: 1)
        for _ in 0..<100_000 {
            let hasFired = test.observe(0.5)
            #expect(!hasFired)
        }
        var values = 0
        var hasFired = false
        while !hasFired, values < 1000 {
            hasFired = test.observe(0.5 - fall)
            values += 1
        }
        #expect(values == delay)
        #expect(test.age == delay)
    }

    @Test func aRiseIsNoFall() {
        var test = PageHinkley(tolerance: 0.05, threshold: 1)
        var window = AdaptiveWindow(confidence: 0.002)
        for _ in 0..<100 {
            _ = test.observe(0.2)
            _ = window.observe(0.2)
        }
        var cuts = 0
        for _ in 0..<100 {
            let hasFired = test.observe(0.8)
            #expect(!hasFired)
            if window.observe(0.8) != nil { cuts += 1 }
        }
        #expect(cuts > 0)
    }

    /// The cut comes no later than the bound allows for parts of their true lengths, and what is left lies after it.
    @Test(arguments: [1, 2, 3] as [UInt64])
    func theWindowKeepsWhatLiesAfterAChange(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var window = AdaptiveWindow(confidence: 0.002)
        for _ in 0..<1000 {
            let cut = window.observe(0.6 + 0.2 * random.uniform())
            #expect(cut == nil)
        }
        #expect(window.count == 1000)
        #expect(abs(window.mean - 0.7) < 0.01)
        for _ in 0..<400 { _ = window.observe(0.2 * random.uniform()) }
        #expect(window.count <= 400 + 64, "a bucket may span the change")
        #expect(abs(window.mean - 0.1) < 0.05)
    }

    /// The histogram's mean is that of all values: nothing is lost in merging buckets.
    @Test func theHistogramCountsEveryValue() {
        var random = SeededRandom(seed: 9)
        var window = AdaptiveWindow(confidence: 1e-9)
        var sum = 0.0
        for index in 1...5000 {
            let value = random.uniform()
            sum += value
            _ = window.observe(value)
            #expect(window.count == index)
            #expect(abs(window.mean - sum / Double(index)) < 1e-9)
        }
    }

    /// Twenty-five streams of even p-values, each as long as two weeks of one step a minute.
    @Test func evenPValuesAreNoDrift() {
        var detections = 0
        for seed in 1...25 as ClosedRange<UInt64> {
            var random = SeededRandom(seed: seed)
            var monitor = DriftMonitor()
            for step in 0..<20_000 {
                let found = monitor.observe(
                    time: Timestamp(milliseconds: Int64(step) * 60_000), stepSeconds: 60, pValue: random.uniform(),
                    embeddingPValue: random.uniform())
                if found != nil { detections += 1 }
            }
        }
        #expect(detections <= 1)
    }

    /// Changes at known steps: each is found once, near where it was. A detector that always fires would find them
    /// all too, at one right answer in hundreds.
    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func everyChangeIsToldOnce(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var monitor = DriftMonitor()
        let changes = [2000, 6000, 10_000]
        var found: [(step: Int, since: Int)] = []
        for step in 0..<14_000 {
            // Small for 800 steps after a change, then taken in by the histories, step by step.
            let age = changes.last { $0 <= step }.map { step - $0 } ?? 10_000
            let ceiling = min(1, max(0.15, Double(age - 800) / 800))
            let values = (random.uniform() * ceiling, random.uniform() * ceiling)
            let transition = monitor.observe(
                time: Timestamp(milliseconds: Int64(step) * 1000), stepSeconds: 1, pValue: values.0,
                embeddingPValue: values.1)
            if let transition { found.append((step, Int(transition.since.milliseconds / 1000))) }
        }
        #expect(found.count == changes.count, "found \(found)")
        for (detection, change) in zip(found, changes) {
            #expect((change...(change + 200)).contains(detection.step))
            #expect(abs(detection.since - change) <= 64)
        }
    }

    /// The whole way: a stream that changes its pitch for good.
    @Test(arguments: [1, 2] as [UInt64])
    func aStreamThatBecomesAnotherIsToldOnce(seed: UInt64) {
        var stream = SyntheticStream(seed: seed)
        for _ in 0..<1500 {
            let verdict = stream.advance(tone)
            #expect(verdict.drift == nil && !verdict.isDrifting, "step \(stream.step)")
        }
        var found: [Int] = []
        for age in 0..<800 {
            let verdict = stream.advance { 1.2 * sin(2 * .pi * Double($0) / 9) + 0.3 * $1 }
            if verdict.drift != nil { found.append(age) }
            if verdict.drift != nil || !found.isEmpty, age < 200 { #expect(verdict.isDrifting) }
        }
        #expect(found.count == 1, "\(found)")
        #expect((found.first ?? 1000) < 100)
    }

    @Test func goesOnFromASnapshotAsIfItHadNeverStopped() throws {
        var random = SeededRandom(seed: 4)
        var monitor = DriftMonitor()
        func advance(_ monitor: inout DriftMonitor, _ step: Int, _ value: Double) -> DriftTransition? {
            monitor.observe(
                time: Timestamp(milliseconds: Int64(step)), stepSeconds: 0.001, pValue: value, embeddingPValue: value)
        }
        for step in 0..<1003 { _ = advance(&monitor, step, random.uniform()) }
        var writer = SnapshotWriter(format: 1)
        monitor.write(to: &writer)
        var reader = try SnapshotReader(writer.finish(), format: 1)
        var copy = DriftMonitor()
        try copy.read(from: &reader)
        try reader.finish()
        var found = 0
        for step in 1003..<1200 {
            let value = random.uniform() * 0.1
            let (one, other) = (advance(&monitor, step, value), advance(&copy, step, value))
            #expect(one == other)
            if one != nil { found += 1 }
        }
        #expect(found == 1)
    }
}
