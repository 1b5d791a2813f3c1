import Importing
import TestSupport

/// Models that exporters wrote, with inputs and what ONNX Runtime made of them; `Fixtures/make.py` wrote all of it.
struct Fixture: Sendable, CustomStringConvertible {
    let description: String

    static let float = [
        "torch_tcn", "torch_chomp", "torch_resnet", "torch_inception", "tf_window", "tf_causal",
    ].map(Fixture.init)
    static let quantized = [
        "torch_tcn_qdq", "torch_resnet_qdq", "torch_inception_qdq", "tf_window_qdq", "tf_causal_qdq",
    ].map(Fixture.init)

    init(_ name: String) { description = name }

    static func bytes(_ file: String) throws -> [UInt8] {
        let folder = #filePath.split(separator: "/").dropLast().joined(separator: "/")
        return try TestFile.read("/\(folder)/Fixtures/\(file)")
    }

    func bytes() throws -> [UInt8] { try Self.bytes("\(description).onnx") }

    func model() throws -> TensorGraph { try ONNXModel.read(bytes()) }

    /// Only one model leaves its number of frames free.
    func lowered() throws -> LoweredModel {
        try LoweredModel(model(), input: ModelInput(window: description == "torch_chomp" ? 64 : nil))
    }

    /// (windows, …) as ONNX Runtime was given it.
    func input() throws -> Tensor { try NPYTensor.read(Self.bytes("\(description).input.npy"), path: description) }

    func output() throws -> Tensor { try NPYTensor.read(Self.bytes("\(description).output.npy"), path: description) }
}

extension Fixture {
    func importer() throws -> ModelImporter {
        try ModelImporter(model(), input: ModelInput(window: description == "torch_chomp" ? 64 : nil))
    }

    /// On the reference's own inputs, in windows of the length that calibration asks for.
    func calibration(_ importer: ModelImporter) throws -> GraphCalibration {
        var calibration = GraphCalibration(importer.calibrationGraph)
        let shape = importer.calibrationShape
        for window in try importer.lowered.windows(input(), place: "input") {
            let repeats = (shape.count + window.count - 1) / window.count
            try calibration.observe(Array(repeatElement(window, count: repeats).joined().prefix(shape.count)))
        }
        return calibration
    }
}
