import Importing
import Inference
import SedgeCore

/// What an import found and made, for eyes and for the bundle's provenance.
struct ImportReport {
    let comparison: ImportComparison
    let isQuantizedModel: Bool
    var check: ReferenceCheck?
    /// Tensors that a mapping does not name.
    var unused: [String] = []
    private let graph: QuantizedGraph
    private let obstacle: String?
    private let calibration: String
    private let receptiveField: Int
    /// Of a window or a step.
    private let outputFrames: Int

    init(_ importer: ModelImporter, _ graph: QuantizedGraph, _ comparison: ImportComparison, calibration: String) {
        self.graph = graph
        self.comparison = comparison
        self.calibration = calibration
        isQuantizedModel = !importer.needsCalibration
        obstacle = importer.obstacle
        receptiveField = importer.graph.receptiveField
        outputFrames = importer.graph.output.frames
    }

    var text: String {
        let shape = graph.inputShape
        var lines = [
            "input    \(shape.channels) channels, a step of \(shape.frames) samples; embedding \(graph.embedding)",
            "network  \(graph.nodes.count) operations, \(graph.weightCount) weights",
        ]
        if let obstacle {
            lines.append("runs     in windows: \(obstacle)")
            if outputFrames > 1 {
                lines.append("         of the \(outputFrames) frames that a window gives, the newest is the embedding")
            }
        } else {
            lines.append("runs     as a stream; an embedding sees \(receptiveField) samples")
        }
        lines.append(
            isQuantizedModel
                ? "int8     as the model was quantized"
                : "int8     calibrated on \(calibration)")
        lines.append(
            "         relative error \(comparison.relativeError.shown) against float, at most "
                + "\(comparison.largestSteps.shown) steps, \(comparison.embeddings) embeddings")
        if let check {
            lines.append(
                "check    \(check.windows) windows: float differs by \(check.float), int8 by \(check.steps) steps")
        }
        if !unused.isEmpty {
            lines.append("unused   \(unused.count) tensors: \(unused.prefix(6).joined(separator: ", "))")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The bundle's `training` field. Paths of this machine are left out.
    func provenance(producer: String, file: String) -> String {
        let values = [
            "imported_from": file.split(separator: "/").last.map(String.init) ?? file,
            "producer": producer,
            "calibration": isQuantizedModel ? "none: the model was quantized" : calibration,
            "int8_relative_error": comparison.relativeError.shown,
        ]
        return String(decoding: PayloadJSON.encode(values), as: UTF8.self)
    }
}
