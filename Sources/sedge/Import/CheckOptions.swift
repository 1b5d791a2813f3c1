import ArgumentParser
import Importing
import Inference
import SedgeCore

/// What an import is calibrated on and compared with.
struct CheckOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A recording (CSV or NPY) to calibrate on (default: generated signals); may be repeated.", valueName: "file"
        ))
    var calibrate: [String] = []

    @Option(help: "Seed of the generated signals.")
    var seed: UInt64 = 1

    @Option(help: ArgumentHelp("Reference inputs (NPY, windows first).", valueName: "file"))
    var check: String?

    @Option(help: ArgumentHelp("What the model's own runtime made of them (NPY).", valueName: "file"))
    var expect: String?

    @Option(help: "Write no bundle when int8 loses more than this part of the float embeddings.")
    var maxLoss = 0.2

    /// Float results may differ by the order of sums.
    private static let floatTolerance: Float = 1e-4

    func validate() throws {
        if (check == nil) != (expect == nil) { throw ValidationError("--check and --expect need each other") }
        if !(maxLoss > 0) { throw ValidationError("--max-loss is \(maxLoss), expected above 0") }
    }

    func calibration(_ importer: ModelImporter, _ preprocessing: BundlePreprocessing) throws -> CalibrationWindows {
        calibrate.isEmpty
            ? CalibrationWindows(generated: importer.calibrationShape, seed: seed)
            : try CalibrationWindows(recordings: calibrate, importer.calibrationShape, preprocessing)
    }

    func check(_ importer: ModelImporter, _ graph: QuantizedGraph) throws -> ReferenceCheck? {
        guard let check, let expect else { return nil }
        return try ReferenceCheck(
            importer, graph, input: NPYTensor.read(FileBytes.contents(of: check), path: check),
            expected: NPYTensor.read(FileBytes.contents(of: expect), path: expect))
    }

    /// Throws unless the import is as good as was asked for.
    func judge(_ report: ImportReport) throws(Failure) {
        if let check = report.check {
            if report.isQuantizedModel {
                guard check.steps < 1.5 else {
                    throw Failure(.data, "int8 differs from \(expect!) by \(check.steps) steps, expected at most 1")
                }
            } else if !(check.float <= Self.floatTolerance * max(1, check.largestOutput)) {
                throw Failure(
                    .data, "float differs from \(expect!) by \(check.float), expected at most \(Self.floatTolerance)")
            }
        }
        guard report.comparison.relativeError <= maxLoss else {
            throw Failure(
                .data,
                "int8 loses \(report.comparison.relativeError.shown) of the float embeddings, expected at most \(maxLoss); "
                    + "calibrate on recordings that look like what the model will see, or raise --max-loss")
        }
    }
}
