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

    @Test(arguments: Fixture.float)
    func floatModelsLoseLittleInInt8(fixture: Fixture) throws {
        let importer = try fixture.importer()
        let graph = try importer.quantize(fixture.calibration(importer))
        let check = try ReferenceCheck(importer, graph, input: fixture.input(), expected: fixture.output())
        #expect(check.float < 1e-4)
        #expect(check.relativeError < 0.05)
    }
}
