import ArgumentParser
import Inference
import Learning
import SedgeCore
import Training

/// `sedge quantize`: an int8 bundle from a float encoder, with what it costs.
struct QuantizeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quantize",
        abstract: "Make an int8 bundle from a float encoder and show what it loses.",
        discussion: """
            Reads the checkpoint of a training run, or a float encoder in a safetensors file (the names of a bundle's \
            tensors, in F32; docs/concepts/quantization.md). Folds batch normalisation, chooses activation ranges on \
            calibration signals, corrects biases, fine-tunes if asked to, and prints int8 against float for each \
            tensor and on a task. A bundle that loses more than --max-loss is not written (status 65).

            EXAMPLES
              sedge quantize runs/plant/checkpoint --data-licence CC0-1.0 --out plant.safetensors
              sedge quantize runs/plant/checkpoint --calibrate recordings/ --fine-tune 600 --data-licence CC-BY-4.0 \
            --out plant.safetensors
              sedge quantize float.safetensors --json --data-licence MIT --out encoder.safetensors
            """)

    @Argument(help: ArgumentHelp("A training run's checkpoint, or a float encoder.", valueName: "checkpoint or float"))
    var input: String

    @Option(help: ArgumentHelp("The bundle to write.", valueName: "file"))
    var out: String

    @Option(help: ArgumentHelp("Licence of the data it was trained on, for the bundle.", valueName: "licence"))
    var dataLicence: String

    @Option(
        help: ArgumentHelp(
            "Signals to choose ranges on and to fine-tune with: generated, or recordings; may be repeated.",
            valueName: "generated, file or folder"))
    var calibrate: [String] = ["generated"]

    @Option(help: "How activation ranges are chosen: \(Method.allCases.map(\.rawValue).joined(separator: ", ")).")
    var method = Method.best

    @Option(help: "Values in per cent that a range of --method percentile holds.")
    var percentile = 99.999

    @Option(help: ArgumentHelp("Steps of quantization-aware fine-tuning.", valueName: "steps"))
    var fineTune = 0

    @Option(help: ArgumentHelp("The largest loss on the task that is accepted, as a fraction.", valueName: "loss"))
    var maxLoss = 0.02

    @Option(help: "The bundle's name (default: from the file's name).")
    var name: String?

    @Option(help: "The bundle's version.")
    var bundleVersion = "1.0.0"

    @Option(help: ArgumentHelp("Write the float encoder here, too.", valueName: "file"))
    var floatOut: String?

    @Option(help: "Where all randomness comes from; a checkpoint brings its own.")
    var seed: UInt64 = 1

    @Option(help: "Threads for matrix products.")
    var threads = 1

    @Flag(help: "Print the report as JSON.")
    var json = false

    enum Method: String, CaseIterable, ExpressibleByArgument {
        case best, mse, percentile
    }

    func validate() throws {
        guard (0...1_000_000).contains(fineTune) else {
            throw ValidationError("--fine-tune is \(fineTune), expected 0 to 1000000")
        }
        guard maxLoss >= 0, maxLoss <= 1 else {
            throw ValidationError("--max-loss is \(maxLoss), expected 0 to 1")
        }
        guard percentile > 50, percentile <= 100 else {
            throw ValidationError("--percentile is \(percentile), expected more than 50 and at most 100")
        }
        guard (1...256).contains(threads) else { throw ValidationError("--threads is \(threads), expected 1 to 256") }
        try BundleName.check(bundleName, version: bundleVersion)
        if dataLicence.isEmpty { throw ValidationError("--data-licence is empty, expected that of the training data") }
        guard !calibrate.contains("generated") || calibrate.count == 1 else {
            throw ValidationError("--calibrate generated stands alone, found \(calibrate.joined(separator: ", "))")
        }
    }

    func run() throws {
        TrainingMemory.keepFreed()
        let gemm = BLASMatrixMultiply(threads: threads)
        let source = try FloatSource.read(input)
        let recordings =
            calibrate == ["generated"] ? [] : try TrainingRecordings.read(calibrate, inputs: source.inputs).training
        if let floatOut { try FileBytes.write(try source.encoder().serialized(), to: floatOut) }
        let builder = builder
        do {
            var quantizer = try source.quantizer(builder, recordings: recordings, using: gemm)
            tune(&quantizer, gemm)
            let network = quantizer.network(using: gemm)
            let (bundle, pretext) = try source.bundle(builder, quantizer.float, network, using: gemm)
            try bundle.selfTest()
            let report = QuantizeReport(
                bundle: bundle.fingerprint, comparison: quantizer.compare(bundle, network, using: gemm),
                pretext: pretext)
            Terminal.writeOutput(json ? report.json : report.text)
            guard report.loss <= maxLoss else {
                throw Failure(
                    .data,
                    "\(input): int8 loses \(report.loss.shown) of the task, expected at most \(maxLoss): "
                        + "\(out) is not written")
            }
            let bytes = bundle.serialized()
            try FileBytes.write(bytes, to: out)
            if !json { Terminal.writeOutput("\(out): \(bundle.fingerprint), \(bytes.count) bytes\n") }
        } catch let error as BundleError {
            throw Failure(.data, "\(input) makes no bundle: \(error)")
        }
    }

    private var bundleName: String { name ?? StreamName.fromFile(out) }

    private var builder: BundleBuilder {
        var builder = BundleBuilder(
            name: bundleName, version: bundleVersion, dataLicence: dataLicence,
            provenance: ["quantization": command])
        builder.plan.method =
            switch method {
            case .best: nil
            case .mse: .leastSquares
            case .percentile: .percentile(excess: 1 - percentile / 100)
            }
        builder.plan.fineTuningSteps = fineTune
        builder.plan.seed = seed
        return builder
    }

    /// What repeats it; paths of this machine are left out.
    private var command: String {
        let data = calibrate == ["generated"] ? "generated" : "…"
        let ranges = method == .percentile ? "percentile --percentile \(percentile)" : method.rawValue
        return "sedge quantize … --calibrate \(data) --method \(ranges) --fine-tune \(fineTune) --seed \(seed)"
    }

    private func tune(_ quantizer: inout EncoderQuantizer, _ gemm: BLASMatrixMultiply) {
        var progress = ProgressReport(
            total: fineTune, now: SystemTime.monotonicNanoseconds(), interval: 500_000_000)
        while !quantizer.isFinished {
            let error = quantizer.advance(using: gemm)
            progress.update(
                done: quantizer.step, now: SystemTime.monotonicNanoseconds(),
                note: "fine-tuning, error \(error.shown)")
        }
        if fineTune > 0 { progress.finish() }
    }
}
