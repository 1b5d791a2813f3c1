import SedgeCore
import Training

/// What `sedge quantize` prints.
struct QuantizeReport: Encodable {
    let bundle: String
    /// What int8 loses on the task: of the probe's accuracy, or of the pretext task where that is more.
    let loss: Double
    let relativeError: Double
    let cosine: Double
    let weights: Double
    let tensors: [QuantizationAnalysis.Tensor]
    let probe: Probe
    /// Share by which the held-out pretext loss rises; only a checkpoint has heads to tell.
    let pretextLoss: Double?

    struct Probe: Encodable {
        let float, int8, loss, margin: Double
    }

    private enum CodingKeys: String, CodingKey {
        case bundle, loss, cosine, tensors, probe
        case relativeError = "relative_error"
        case weights = "weights_alone"
        case pretextLoss = "pretext_loss"
    }

    init(bundle: String, comparison: QuantizationComparison, pretext: QuantizationReport?) {
        self.bundle = bundle
        let probe = comparison.probe
        let rise = pretext.map { $0.int8.loss / $0.float.loss - 1 }
        loss = max(probe.loss, rise ?? 0)
        relativeError = comparison.relativeError
        cosine = comparison.cosine
        weights = comparison.analysis.weightsAlone
        tensors = comparison.analysis.activations
        self.probe = Probe(float: probe.float, int8: probe.int8, loss: probe.loss, margin: probe.margin)
        pretextLoss = rise
    }

    var json: String { String(decoding: PayloadJSON.encode(self), as: UTF8.self) + "\n" }

    var text: String {
        var lines = [Self.row("tensor", "error here", "SQNR dB", "embedding error by it alone")]
        for tensor in tensors {
            let decibels = tensor.decibels.map { "\(($0 * 10).rounded() / 10)" } ?? "-"
            lines.append(Self.row(tensor.name, tensor.relativeError.shown, decibels, tensor.alone.shown))
        }
        lines.append(Self.row("all weights", "", "", weights.shown))
        lines.append("embedding: int8 against float \(relativeError.shown), cosine \(cosine.shown)")
        lines.append(
            "probe on generated families: float \(probe.float.shown), int8 \(probe.int8.shown), "
                + "loss \(probe.loss.shown) ± \(probe.margin.shown)")
        if let pretextLoss { lines.append("held-out pretext loss: up by \(pretextLoss.shown)") }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func row(_ name: String, _ columns: String...) -> String {
        let padded = columns.map { String(repeating: " ", count: max(1, 12 - $0.count)) + $0 }
        return name + String(repeating: " ", count: max(1, 20 - name.count)) + padded.joined()
    }
}
