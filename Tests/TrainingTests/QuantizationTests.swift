import Inference
import Learning
import SedgeCore
import Testing

@testable import Training

struct QuantizationTests {
    private static let float: FoldedNetwork = {
        var run = PretrainingRun(Tiny.configuration(steps: 12))
        while !run.isFinished { _ = run.advance(using: Tiny.gemm) }
        return FoldedNetwork(run.network)
    }()

    private static func quantizer(steps: Int = 0, method: RangeMethod? = .leastSquares) throws -> EncoderQuantizer {
        var plan = QuantizationPlan()
        plan.method = method
        plan.fineTuningSteps = steps
        plan.rows = 1024
        plan.calibrationBatches = 2
        plan.comparisonBatches = 1
        plan.probeSeries = 2
        return try EncoderQuantizer(float, plan: plan, using: Tiny.gemm)
    }

    private static func bundle(
        _ quantizer: EncoderQuantizer, _ network: FakeQuantizedNetwork? = nil
    ) throws -> ModelBundle {
        try ModelBundle(
            name: "tiny", version: "1", architecture: TCNArchitecture(quantizer.float.shape),
            preprocessing: BundlePreprocessing(normalisation: .robust, clip: 8, defaultHop: 8),
            network: NetworkQuantizer.quantize(network ?? quantizer.network(using: Tiny.gemm)), training: "{}",
            dataLicence: "CC0-1.0",
            selfTestPatches: Array(repeating: 0.5, count: 64))
    }

    private static func compare(_ quantizer: EncoderQuantizer) throws -> QuantizationComparison {
        let network = quantizer.network(using: Tiny.gemm)
        return quantizer.compare(try bundle(quantizer, network), network, using: Tiny.gemm)
    }

    /// Biases are whole numbers in the engine, and sums may differ in the last bit: some values round to the integer
    /// beside, and what follows from that stays small.
    @Test(arguments: [0, 6]) func theRoundedNetworkIsWhatTheEngineRuns(_ steps: Int) throws {
        var quantizer = try Self.quantizer(steps: steps)
        while !quantizer.isFinished { _ = quantizer.advance(using: Tiny.gemm) }
        let batch = BatchMaker(patch: 8, targets: PretextTargets(), rows: 1024, seed: 71).batch(0)
        var network = quantizer.network(using: Tiny.gemm)
        let rounded = network.forward(batch.patches, lanes: batch.lanes, .inference, using: Tiny.gemm)
        let engine = EngineEmbedding.embed(
            batch, WindowEncoder(bundle: try Self.bundle(quantizer), kernels: .scalar))
        let step = network.range(.embedding).scale
        var different = 0
        for (a, b) in zip(rounded.values, engine.values) where a != b {
            #expect(abs(a - b) < 3.5 * step)
            if abs(a - b) > 0.5 * step { different += 1 }
        }
        #expect(different < engine.values.count / 10)
    }

    /// Ranges that clip are something to learn from; eight channels after twelve steps of training hold little else.
    @Test func fineTuningBringsTheEmbeddingsNearerToFloat() throws {
        var quantizer = try Self.quantizer(steps: 30, method: .percentile(excess: 0.1))
        let before = try Self.compare(quantizer).relativeError
        while !quantizer.isFinished { _ = quantizer.advance(using: Tiny.gemm) }
        let after = try Self.compare(quantizer).relativeError
        #expect(after < 0.9 * before, "\(before) → \(after)")
    }

    @Test func fineTuningThatMakesThingsWorseIsThrownAway() throws {
        var quantizer = try Self.quantizer(steps: 2)
        let before = quantizer.network(using: Tiny.gemm)
        while !quantizer.isFinished { _ = quantizer.advance(using: Tiny.gemm) }
        let after = quantizer.network(using: Tiny.gemm)
        #expect(NetworkQuantizer.quantize(after) == NetworkQuantizer.quantize(before))
    }

    @Test func eachTensorIsReportedWithItsPlaceAndItsShare() throws {
        let quantizer = try Self.quantizer()
        let comparison = try Self.compare(quantizer)
        let tensors = comparison.analysis.activations
        #expect(tensors.map(\.name).prefix(3) == ["input", "stem", "blocks.0.conv"])
        #expect(tensors.count == 2 + 3 * 3 + 1)
        // The last tensor is the embedding itself, and no single tensor loses as much as all.
        #expect(abs(tensors.last!.relativeError / comparison.relativeError - 1) < 0.1)
        for tensor in tensors {
            #expect(tensor.alone > 0 && tensor.alone < 1.2 * comparison.relativeError, "\(tensor.name)")
        }
        #expect(comparison.analysis.weightsAlone < comparison.relativeError)
        #expect(comparison.cosine > 0.9)
    }

    @Test func noNoiseIsNoNumberOfDecibels() {
        let rows = Matrix(rows: 2, columns: 2, values: [1, 2, 3, 4])
        var difference = EmbeddingDifference(dimensions: 2)
        difference.add(rows, rows)
        #expect(difference.signalToNoise == nil)
        difference.add(rows, Matrix(rows: 2, columns: 2, values: [1, 2, 3, 5]))
        #expect(difference.signalToNoise.map { abs($0 - 17.7815125) < 1e-6 } == true)
    }

    @Test func aTighterPercentileClipsMore() throws {
        let wide = try Self.quantizer(method: .percentile(excess: 0)).network(using: Tiny.gemm)
        let tight = try Self.quantizer(method: .percentile(excess: 0.05)).network(using: Tiny.gemm)
        for site in FakeQuantizedNetwork.sites(wide.shape) {
            #expect(tight.range(site).scale < wide.range(site).scale, "\(site)")
        }
    }

    @Test func theSearchIsNoWorseThanEitherMethodOnItsOwnBatches() throws {
        let batches = (0..<2).map { BatchMaker(patch: 8, targets: PretextTargets(), rows: 1024, seed: 74).batch($0) }
        func error(_ calibration: NetworkCalibration) -> Double {
            var network = NetworkQuantizer.calibrated(Self.float, calibration)
            var difference = EmbeddingDifference(dimensions: 8)
            for batch in batches {
                difference.add(
                    Self.float.forward(batch.patches, lanes: batch.lanes, using: Tiny.gemm),
                    network.forward(batch.patches, lanes: batch.lanes, .inference, using: Tiny.gemm))
            }
            return difference.relativeError
        }
        let clipping = try NetworkCalibration(
            Self.float, on: batches, method: .percentile(excess: 0.01), using: Tiny.gemm)
        var searched = clipping
        searched.search(Self.float, on: batches, candidates: [.leastSquares], using: Tiny.gemm)
        #expect(error(searched) < error(clipping))
        #expect(searched.methods.values.contains(.leastSquares))
    }

    /// A float file may have any finite weight.
    @Test func activationsThatNoRangeHoldsAreRefusedWithTheirPlace() {
        var network = Self.float
        network.stem.weight = network.stem.weight.map { $0 * 1e36 }
        let batch = BatchMaker(patch: 8, targets: PretextTargets(), rows: 1024, seed: 75).batch(0)
        let error = #expect(throws: BundleError.self) {
            try NetworkCalibration(network, on: [batch], using: Tiny.gemm)
        }
        #expect(error?.place == .tensor("stem"))
    }

    @Test func aProbesLossIsPairedBySeries() {
        let float = Array(repeating: true, count: 80) + Array(repeating: false, count: 20)
        let same = ProbeComparison(float: float, int8: float)
        #expect(same.loss == 0 && same.margin == 0)
        var int8 = float
        for index in 0..<4 { int8[index] = false }
        let less = ProbeComparison(float: float, int8: int8)
        #expect(abs(less.loss - 0.05) < 1e-12)
        #expect(less.margin > 0.03 && less.margin < 0.07)
    }

    @Test func aFloatEncoderComesBackFromItsFile() throws {
        let float = Self.float
        let encoder = try FloatEncoder(
            float, preprocessing: BundlePreprocessing(normalisation: .robust, clip: 8, defaultHop: 4))
        let read = try FloatEncoder(bytes: encoder.serialized())
        #expect(read == encoder)
        let network = try FoldedNetwork(read)
        let patches = BatchMaker(patch: 8, targets: PretextTargets(), rows: 1024, seed: 72).batch(0)
        #expect(
            network.forward(patches.patches, lanes: patches.lanes, using: Tiny.gemm)
                == float.forward(patches.patches, lanes: patches.lanes, using: Tiny.gemm))
    }

    @Test func aDamagedFloatFileIsRefusedWithItsPlace() throws {
        let float = Self.float
        var encoder = try FloatEncoder(
            float, preprocessing: BundlePreprocessing(normalisation: .robust, clip: 8, defaultHop: 4))
        let bytes = encoder.serialized()
        #expect(throws: BundleError.self) { try FloatEncoder(bytes: Array(bytes.dropLast(5))) }
        #expect(throws: BundleError.self) { try FloatEncoder(bytes: []) }
        var layers = encoder.layers
        layers[1].weight[7] = .nan
        let error = #expect(throws: BundleError.self) {
            encoder = try FloatEncoder(architecture: encoder.architecture, preprocessing: nil, layers: layers)
        }
        #expect(error?.description == "bundle tensor blocks.0.conv.weight: found nan at 7, expected finite numbers")
        // No byte of the header that changes may trap.
        var random = SeededRandom(seed: 73)
        for _ in 0..<300 {
            var changed = bytes
            changed[random.index(min(bytes.count, 1200))] = UInt8(truncatingIfNeeded: random.next())
            _ = try? FloatEncoder(bytes: changed).architecture
        }
    }
}
