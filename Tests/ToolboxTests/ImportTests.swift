import ArgumentParser
import Importing
import Inference
import SedgeCore
import Testing

@testable import sedge

/// `sedge import`, on a model of `ImportingTests`; what it understands is tested there.
@Suite struct ImportTests {
    /// Quantized by ONNX Runtime; steps of 4 samples.
    private static let model =
        #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(2).joined(separator: "/")
        + "/ImportingTests/Fixtures/torch_tcn_qdq.onnx"

    @Test(arguments: [
        (["--data-licence", "MIT", "--name", "a b"], "bundle is called 'a b' '1.0.0', expected 1 to 64 of"),
        (["--data-licence", "MIT", "--bundle-version", ""], "bundle is called 'a' '', expected 1 to 64 of"),
        (["--data-licence", ""], "--data-licence is empty, expected that of the training data"),
        (["--data-licence", "MIT", "--hop", "0"], "--hop is 0, expected at least 1"),
    ])
    func refusesWhatCanNotBe(options: [String], expected: String) {
        let error = #expect(throws: (any Error).self) {
            try Sedge.parseAsRoot(["import", "a.onnx", "--out", "a.safetensors"] + options)
        }
        #expect(error.map { Sedge.message(for: $0) }?.hasPrefix(expected) == true)
    }

    @Test func aHopThatNoStepReachesIsRefusedBeforeTheWork() throws {
        let out = temporaryPath("import-hop.safetensors")
        let command = try ImportCommand.parse([Self.model, "--out", out, "--data-licence", "none", "--hop", "5"])
        let error = #expect(throws: Failure.self) { try command.run() }
        #expect(error?.code == .usage)
        #expect(error?.description.hasPrefix("--hop is 5, expected at most 4") == true)
        #expect(!FileBytes.exists(out))
    }

    /// The model has a frame for every four samples.
    @Test func theReportSaysWhichFrameOfAWindowIsTheEmbedding() throws {
        let model = try ONNXModel.read(FileBytes.contents(of: Self.model))
        let importer = try ModelImporter(model, input: ModelInput(), context: .window)
        let graph = try importer.quantize(GraphCalibration(importer.calibrationGraph))
        let silence = [Float](repeating: 0, count: importer.calibrationShape.count)
        let comparison = try ImportComparison(importer, graph, windows: [silence])
        let frames = importer.graph.output.frames
        #expect(frames > 1)
        let report = ImportReport(importer, graph, comparison, calibration: "nothing")
        #expect(report.text.contains("of the \(frames) frames that a window gives, the newest is the embedding"))
    }
}
