import Agent
import ArgumentParser
import Inference
import Learning
import SedgeCore
import Testing
import Training

@testable import sedge

/// What `sedge bench` accepts and prints. How fast anything is, no test says.
@Suite struct BenchTests {
    @Test(arguments: [
        (["bench", "kernels", "--repetitions", "0"], "--repetitions is 0, expected 1 to 1000"),
        (["bench", "encoder", "--threads", "65"], "--threads is 65, expected 1 to 64"),
        (["bench", "pipeline", "--threads", "0"], "--threads is 0, expected 1 to 64"),
        (["bench", "training", "--repetitions", "0"], "--repetitions is 0, expected 1 to 1000"),
        (["bench", "training", "--threads", "257"], "--threads is 257, expected 1 to 256"),
    ])
    func refusesWithASentence(arguments: [String], expected: String) {
        let error = #expect(throws: (any Error).self) { try Sedge.parseAsRoot(arguments) }
        #expect(error.map(Sedge.message(for:)) == expected)
    }

    @Test func anUnknownKernelIsAnsweredWithThoseThatRun() {
        let error = #expect(throws: Failure.self) { try KernelSet.named("mmx") }
        let message = error?.description ?? ""
        #expect(message.hasPrefix("kernel: found \"mmx\", expected auto") && message.hasSuffix("scalar"))
        #expect(error?.code == .configuration)
    }

    @Test(arguments: [["kernels", "--threads", "2"], ["fan"], ["kernels", "--bundle", "x"]])
    func refusesNonsense(arguments: [String]) {
        #expect(throws: (any Error).self) { try Sedge.parseAsRoot(["bench"] + arguments) }
    }

    @Test func aMissingBundleIsNamed() throws {
        let error = #expect(throws: Failure.self) { try BenchBundle.read("no-such-bundle") }
        #expect(error?.code == .configuration && error?.description.contains("'no-such-bundle'") == true)
    }

    @Test func anEncoderOfSeveralChannelsHasNoTierTwoToMeasure() throws {
        let bundle = try ModelBundle.random(
            architecture: TCNArchitecture(
                mode: .joint, inputChannels: 2, patch: 8, channels: 8, blocks: 2, embedding: 8), seed: 1)
        let path = temporaryPath("bench-joint.safetensors")
        try FileBytes.write(bundle.serialized(), to: path)
        let command = try BenchAdaptationCommand.parse(["--bundle", path])
        let error = #expect(throws: Failure.self) { try command.run() }
        #expect(error?.code == .data && error?.description.contains("found 2 input channels, expected 1") == true)
    }

    @Test func aSpreadIsLowMedianHigh() {
        let odd = Spread([3, 1, 9])
        #expect((odd.low, odd.median, odd.high) == (1, 3, 9))
        #expect(Spread([4, 1, 2, 9]).median == 3)
        #expect(Spread([2]).text(digits: 1) == "2.0 (2.0 to 2.0)")
    }

    /// A clock that the subject moves: 500 ns a call, and the peak's loop does nothing in no time.
    @Test func callsFillASliceAndAreTakenApart() {
        let clock = Clock()
        var timer = PairedTimer(repetitions: 5, slice: 1_000_000)
        timer.now = { clock.time }
        var counts: [Int] = []
        let times = timer.run(peak: nil) { calls in
            counts.append(calls)
            clock.time += Int64(calls) * 500
        }
        #expect(times.calls == [500, 500, 500, 500, 500])
        #expect(Set(counts.suffix(5)).count == 1)
        #expect((2000...2200).contains(counts[counts.count - 1]))
        #expect(times.peaks.isEmpty)
    }

    /// A neighbour that takes half of the core for three rounds: what was timed beside it is left out.
    @Test func roundsThatOthersDisturbAreLeftOut() throws {
        let peak = try #require(PeakLoop.of("scalar"))
        let clock = Clock()
        var rounds = 0
        var timer = PairedTimer(repetitions: 5, slice: 1000)
        // Every second look ends a measurement, which takes 1 µs, or 2 µs beside the neighbour.
        var looks = 0
        timer.now = {
            looks += 1
            if looks.isMultiple(of: 2) { clock.time += (3...5).contains(rounds) ? 2000 : 1000 }
            return clock.time
        }
        let times = timer.run(peak: peak) { _ in rounds += 1 }
        #expect(times.calls == [1000, 1000, 1000, 1000, 1000])
        #expect(times.disturbed > 0 && times.disturbed < 8)
        #expect(Timing(times, macs: 1000).disturbedRounds == times.disturbed)
        timer.now = {
            clock.time += 3000; return clock.time
        }
        let late = timer.run(peak: peak) { _ in }
        #expect(late.calls.count == 40 && late.disturbed == 40, "where there are no others, all are taken")
    }

    @Test func sharesAreOfThePeakJustBefore() throws {
        var times = PairedTimer.Times()
        times.calls = [100, 200]
        times.peaks = [20, 10]
        let timing = Timing(times, macs: 1000)
        #expect(timing.nanoseconds == Spread([100, 200]))
        #expect(timing.gmacPerSecond == Spread([10, 5]))
        #expect(timing.shareOfPeak == Spread([0.5, 0.5]))
        #expect(Timing(times, macs: 1000, threads: 2).shareOfPeak == Spread([0.25, 0.25]))
        let moved = Timing(times, macs: 0, bytes: 600)
        #expect(moved.gmacPerSecond == nil && moved.shareOfPeak == nil)
        #expect(moved.gigabytesPerSecond == Spread([6, 3]) && timing.gigabytesPerSecond == nil)
    }

    @Test func columnsAreAsWideAsTheyNeed() {
        let table = TextTable(
            header: ["name", "n", "per cent"], leading: 1, rows: [["a", "1000", ""], ["bcdef", "7", "5"]])
        #expect(
            table.text == """
                name      n  per cent
                a      1000
                bcdef     7         5

                """)
    }

    /// Every function of the kernels can be called, and none of the operands is too short for it.
    @Test(arguments: BenchKernelsCommand.shapes.indices)
    func everySubjectRuns(index: Int) {
        let shape = BenchKernelsCommand.shapes[index]
        KernelSubject(kernel: "scalar", shape: shape).run(calls: 1)
        #expect(shape.macs >= 0 && !shape.text.isEmpty)
    }

    /// Every function of the table, by multiplications or by bytes, and the selection that is built on one of them.
    @Test func everyFunctionIsMeasured() {
        let shapes = BenchKernelsCommand.shapes
        #expect(
            Set(shapes.map(\.function)) == [
                "convolve", "depthwise", "add", "quantize", "dequantize", "gather", "dot", "top_k",
            ])
        #expect(shapes.allSatisfy { ($0.macs > 0) != ($0.bytes > 0) })
    }

    @Test func theJSONNamesWhatWasMeasured() throws {
        var report = BenchReport<BenchKernelsCommand.Row>(bench: "kernels", repetitions: 3, threads: 1)
        var times = PairedTimer.Times()
        (times.calls, times.peaks) = ([1], [2])
        report.add(PeakLoop.of("scalar"), times.peaks)
        report.rows.append(
            BenchKernelsCommand.Row(
                kernel: "scalar", function: "convolve", size: "1 × 1 × 1", macs: 1, timing: Timing(times, macs: 1)))
        report.rows.append(
            BenchKernelsCommand.Row(
                kernel: "scalar", function: "gather", size: "1 × 2", macs: 0, timing: Timing(times, macs: 0, bytes: 8)))
        let json = PayloadJSON.encode(report)
        let read = try PayloadJSON.decode(BenchReport<BenchKernelsCommand.Row>.self, from: json)
        #expect(read.rows == report.rows && read.peaks.map(\.kernel) == ["scalar"])
        let text = String(decoding: json, as: UTF8.self)
        for part in [
            #""v":1"#, #""bench":"kernels""#, #""repetitions":3"#, #""cores":"#, #""processor":"#, #""version":"#,
            #""gmac_per_second":{"high":1,"low":1,"median":1}"#, #""ns":{"high":1,"low":1,"median":1}"#,
            #""share_of_peak":{"high":0.5,"low":0.5,"median":0.5}"#,
            #""gb_per_second":{"high":8,"low":8,"median":8}"#,
        ] {
            #expect(text.contains(part), "\(part)")
        }
    }

    /// The real encoder and pipeline, once, as the commands run them.
    @Test func loadsRun() throws {
        let bundle = try ModelBundle.random(
            architecture: TCNArchitecture(mode: .independent, patch: 8, channels: 8, blocks: 2, embedding: 8), seed: 1)
        let network = PackedNetwork(bundle: bundle, kernels: .scalar)
        let streaming = StreamingLoad(network, lanes: 3, threads: 2)
        streaming.run(steps: 2)
        #expect(streaming.stateBytes == 2 * 8 + 4 * 8)
        WindowLoad(network, steps: 20).run(windows: 2)
        var pipeline = try PipelineLoad(bundle: bundle, kernels: .scalar, threads: 1, now: { 0 })
        pipeline.load()
        pipeline.process()
        let clock = Clock()
        let times = try pipeline.times { clock.tick() }
        #expect(Set(times.keys) == Set(PipelineStages.Stage.allCases))
    }
}

/// A clock that stands until it is moved.
private final class Clock {
    var time: Int64 = 0
    func tick() -> Int64 {
        time += 1
        return time
    }

    /// Forward and backward of the encoder are three times its multiply-adds, less what taps before the first step
    /// would see and the stem's gradient by its input; heads and losses come on top.
    @Test func theProductsOfAStepAreThoseOfItsPasses() {
        var configuration = PretrainingConfiguration()
        configuration.shape = NetworkShape(channels: 8, blocks: 2, embedding: 8)
        configuration.rows = 1024
        let load = TrainingLoad(configuration, threads: 1)
        let encoder = 1024 * Double(configuration.shape.multiplyAdds)
        #expect(load.macs > 2.5 * encoder && load.macs < 8 * encoder)
        var result: [Float] = []
        load.multiply(into: &result)
        #expect(result.contains { $0 != 0 })
    }
}
