import ArgumentParser
import Importing
import Inference
import SedgeCore

/// How `sedge import` reads a model's file.
struct ReadingOptions: ParsableArguments {
    @Option(help: ArgumentHelp("What the tensors of a safetensors file do (JSON).", valueName: "file"))
    var mapping: String?

    @Option(help: ArgumentHelp("The tensor to take as the embedding (default: the only output).", valueName: "tensor"))
    var output: String?

    @Option(help: "Order of the input's axes: nct (batch, channels, time) or ntc (default: as the model makes sense).")
    var layout: ModelInput.Order?

    @Option(help: ArgumentHelp("Length of a window where the model leaves it free.", valueName: "samples"))
    var window: Int?

    @Option(help: "How it runs: auto (stream where it is causal), stream or window.")
    var context = ContextChoice.auto

    @Option(help: ArgumentHelp("New samples of a stream's step (default: as few as can be).", valueName: "samples"))
    var step: Int?

    func validate() throws {
        for (option, value) in [("--window", window), ("--step", step)] {
            if let value, !(1...65536).contains(value) {
                throw ValidationError("\(option) is \(value), expected 1 to 65536")
            }
        }
    }

    var input: ModelInput { ModelInput(order: layout, window: window, output: output) }

    /// Models may be large, but not larger than any sensor's.
    private static let largest = 1 << 30

    /// The model, and tensors that its mapping does not name.
    func read(_ path: String) throws -> (model: TensorGraph, unused: [String]) {
        let bytes = try FileBytes.contents(of: path, limit: Self.largest)
        guard let mapping else {
            guard !path.hasSuffix(".safetensors") else {
                throw Failure(.usage, "\(path) holds tensors without a network, expected --mapping beside it")
            }
            return (try ONNXModel.read(bytes), [])
        }
        return try ModelMapping.read(
            FileBytes.contents(of: mapping, limit: Self.largest), tensors: SafetensorsFile.read(bytes))
    }
}

extension ModelInput.Order: ExpressibleByArgument {}

/// `--context`.
enum ContextChoice: String, CaseIterable, ExpressibleByArgument {
    case auto, stream, window

    var value: QuantizedGraph.Context? { QuantizedGraph.Context(rawValue: rawValue) }
}
