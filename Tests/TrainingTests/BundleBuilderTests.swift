import Inference
import Learning
import SedgeCore
import Testing

@testable import Training

struct BundleBuilderTests {
    private func build() throws -> (bundle: ModelBundle, report: QuantizationReport) {
        var run = PretrainingRun(Tiny.configuration(steps: 30))
        while !run.isFinished { _ = run.advance(using: Tiny.gemm) }
        var builder = BundleBuilder(
            name: "tiny", version: "1.0.0", dataLicence: "CC0-1.0", provenance: ["command": "a test"])
        builder.plan.method = .leastSquares
        builder.plan.calibrationBatches = 2
        builder.plan.comparisonBatches = 1
        return try builder.build(run, using: Tiny.gemm)
    }

    /// Eight channels and thirty steps leave rounding errors little room to cancel; for the shipped network's figure see
    /// its card.
    @Test func int8StaysNearFloatAndTheBundlePassesItsSelfTest() throws {
        let (bundle, report) = try build()
        #expect(report.relativeError < 0.25)
        #expect(abs(report.int8.near.model / report.float.near.model - 1) < 0.03)
        try bundle.selfTest()
        let loaded = try ModelBundle(bytes: bundle.serialized())
        #expect(loaded == bundle)
        #expect(loaded.training.contains("\"command\":\"a test\""))
        #expect(loaded.preprocessing.normalisation == .robust)
    }

    @Test func theSameRunGivesTheSameBytes() throws {
        let (first, second) = (try build().bundle, try build().bundle)
        #expect(first.serialized() == second.serialized())
    }
}
