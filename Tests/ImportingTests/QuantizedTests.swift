@testable import Importing
import Inference
import Learning
import SedgeCore
import Testing

/// int8 models give what ONNX Runtime gives; float ones lose little.
struct QuantizedTests {
    @Test(arguments: Fixture.quantized)
    func quantizedModelsAgreeWithONNXRuntimeWithinOneStep(fixture: Fixture) throws {
        let importer = try fixture.importer()
        #expect(!importer.needsCalibration)
        let graph = try importer.quantize(GraphCalibration(importer.calibrationGraph))
        let check = try ReferenceCheck(importer, graph, input: fixture.input(), expected: fixture.output())
        #expect(check.steps <= 1.01)
    }

    /// 256 samples hold one step of 160 and a rest.
    @Test func stepsThatDoNotDivideTheWindowAreComparedAtTheirOwnFrames() throws {
        let fixture = Fixture("torch_tcn_qdq")
        let importer = try ModelImporter(fixture.model(), input: ModelInput(), samples: 160)
        let graph = try importer.quantize(GraphCalibration(importer.calibrationGraph))
        let check = try ReferenceCheck(importer, graph, input: fixture.input(), expected: fixture.output())
        #expect(check.steps <= 1.01 && check.largestOutput > 0)
    }

    /// The first gives every frame, the second the newest of its 64 samples.
    @Test(arguments: [("torch_tcn_qdq", 512), ("torch_chomp", 48)])
    func whatNoStepCanBeComparedWithIsRefused(name: String, samples: Int) throws {
        let fixture = Fixture(name)
        let window = name == "torch_chomp" ? 64 : nil
        let importer = try ModelImporter(fixture.model(), input: ModelInput(window: window), samples: samples)
        let graph = try importer.quantize(
            importer.needsCalibration ? fixture.calibration(importer) : GraphCalibration(importer.calibrationGraph))
        let error = #expect(throws: ImportError.self) {
            try ReferenceCheck(importer, graph, input: fixture.input(), expected: fixture.output())
        }
        #expect(error?.expected == "a multiple of the \(samples) samples of a step")
    }

    @Test func valuesThatNoRangeHoldsAreRefused() throws {
        let importer = try Fixture("torch_chomp").importer()
        var calibration = GraphCalibration(importer.calibrationGraph)
        let window = [Float](repeating: 2e38, count: importer.calibrationShape.count)
        let error = #expect(throws: ImportError.self) { try calibration.observe(window) }
        #expect(error?.place == "calibration data")
    }

    @Test(arguments: Fixture.float)
    func floatModelsLoseLittleInInt8(fixture: Fixture) throws {
        let importer = try fixture.importer()
        let graph = try importer.quantize(fixture.calibration(importer))
        let check = try ReferenceCheck(importer, graph, input: fixture.input(), expected: fixture.output())
        #expect(check.float < 1e-4)
        #expect(check.relativeError < 0.05)
    }
}
