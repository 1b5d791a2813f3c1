import ArgumentParser
import Importing
import Inference
import SedgeCore

/// `sedge import`: a bundle from a model that was trained elsewhere.
struct ImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Turn an ONNX or safetensors model into an int8 bundle.",
        discussion: """
            Float models are calibrated and quantized; models that ONNX Runtime's quantizer wrote (QDQ, int8) keep \
            their integers. A causal model streams: each step reads new samples only. Any other reads a whole window \
            at each step. A model of the engine's own family becomes a bundle that the agent runs.

            EXAMPLES
              sedge import encoder.onnx --data-licence CC-BY-4.0 --calibrate pump.csv --out encoder.safetensors
              sedge import model.onnx --output /body/Relu_3_output_0 --data-licence none --out body.safetensors
              sedge import weights.safetensors --mapping layers.json --data-licence MIT --out own.safetensors
            """)

    @Argument(help: ArgumentHelp("The model: ONNX, or safetensors with --mapping.", valueName: "file"))
    var model: String

    @Option(help: ArgumentHelp("The bundle to write.", valueName: "file"))
    var out: String

    @Option(help: "The bundle's name (default: from the file's name).")
    var name: String?

    @Option(help: "The bundle's version.")
    var bundleVersion = "1.0.0"

    @Option(help: ArgumentHelp("Licence of the data that the model was trained on.", valueName: "licence"))
    var dataLicence: String

    @OptionGroup(title: "Reading the model")
    var reading: ReadingOptions

    @OptionGroup(title: "Input")
    var inputOptions: InputOptions

    @OptionGroup(title: "Calibration and checks")
    var checks: CheckOptions

    private var bundleName: String { name ?? StreamName.fromFile(out) }

    func validate() throws {
        try BundleName.check(bundleName, version: bundleVersion)
        if dataLicence.isEmpty { throw ValidationError("--data-licence is empty, expected that of the training data") }
    }

    func run() throws {
        do {
            try importModel()
        } catch let error as ImportError {
            throw Failure(.data, "\(model): \(error)")
        } catch let error as BundleError {
            throw Failure(.data, "\(model) makes no bundle: \(error)")
        }
    }

    private func importModel() throws {
        let kernels = try KernelSet.named(nil)
        let (source, unused) = try reading.read(model)
        let importer = try ModelImporter(
            source, input: reading.input, context: reading.context.value, samples: reading.step)
        var preprocessing = try inputOptions.preprocessing(for: importer)
        let calibration = try checks.calibration(importer, preprocessing)
        var ranges = GraphCalibration(importer.calibrationGraph)
        if importer.needsCalibration { for window in calibration.fitted { try ranges.observe(window) } }
        let graph = try importer.quantize(ranges)
        inputOptions.complete(&preprocessing, for: graph)
        let comparison = try ImportComparison(importer, graph, windows: calibration.heldOut)
        var report = ImportReport(importer, graph, comparison, calibration: calibration.description)
        report.unused = unused
        report.check = try checks.check(importer, graph)
        let bundle = try ImportedBundle(
            graph,
            .init(
                name: bundleName, version: bundleVersion, preprocessing: preprocessing,
                provenance: report.provenance(producer: source.producer, file: model), dataLicence: dataLicence),
            selfTest: calibration.selfTest(importer))
        do {
            try bundle.selfTest(kernels: kernels)
        } catch {
            throw Failure(.software, "\(error)")
        }
        Terminal.writeOutput(report.text)
        try checks.judge(report)
        let bytes = bundle.serialized()
        try FileBytes.write(bytes, to: out)
        let kind = if case .tcn = bundle { "tcn" } else { "graph" }
        Terminal.writeOutput("\(out): \(bundle.fingerprint), family \(kind), \(bytes.count) bytes\n")
    }
}
