import FoundationEssentials
import Learning
import SedgeCore
import Training

/// The lines of `log.jsonl`: means over some steps of training, and looks at held-out data.
struct TrainingLog {
    private(set) var lines: [String]
    private var sum = PretextLoss()
    private var gradient = 0.0
    private var count = 0.0

    /// - Parameter lines: of the run so far, as they stand in the file.
    init(_ lines: [String] = []) { self.lines = lines }

    /// A line of means over the last steps. Keys are the log's own; a task that is left out has 0.
    struct Step: Codable {
        var step: Int
        var loss, mask, near, far, shape, vicreg, contrast, hierarchy, labels, families, gradient, rate: Double
        var steps_per_s: Double
    }

    struct Look: Codable {
        var step: Int
        /// What early stopping watches.
        var held_out_loss: Double
        var held_out_masked, held_out_near, held_out_far, masked_gain, near_gain, far_gain: Double
        var effective_rank: Double
        var dimensions: Int
        var alignment, uniformity: Double?
        /// Balanced accuracy of a linear reader of the labels, where there are some.
        var probe: Double?
    }

    mutating func add(_ report: PretrainingRun.StepReport) {
        for part in Self.parts { sum[keyPath: part] += report.loss[keyPath: part] }
        sum.regularization.invariance += report.loss.regularization.total
        gradient += Double(report.gradientNorm)
        count += 1
    }

    private static var parts: [WritableKeyPath<PretextLoss, Double>] {
        [
            \.total, \.reconstruction, \.nearForecast, \.farForecast, \.shape, \.contrast, \.hierarchy,
            \.classification, \.family,
        ]
    }

    /// Writes the means so far and begins anew.
    mutating func closeMeans(step: Int, rate: Double, stepsPerSecond: Double) {
        let share = 1 / max(1, count)
        append(
            Step(
                step: step, loss: sum.total * share, mask: sum.reconstruction * share, near: sum.nearForecast * share,
                far: sum.farForecast * share, shape: sum.shape * share,
                vicreg: sum.regularization.invariance * share, contrast: sum.contrast * share,
                hierarchy: sum.hierarchy * share, labels: sum.classification * share, families: sum.family * share,
                gradient: gradient * share, rate: rate, steps_per_s: stepsPerSecond))
        (sum, gradient, count) = (PretextLoss(), 0, 0)
    }

    /// - Returns: the same for eyes.
    mutating func add(_ report: HeldOutReport, probe: Double?, step: Int) -> String {
        append(
            Look(
                step: step, held_out_loss: report.loss, held_out_masked: report.masked.model,
                held_out_near: report.near.model, held_out_far: report.far.model, masked_gain: report.masked.gain,
                near_gain: report.near.gain, far_gain: report.far.gain, effective_rank: report.effectiveRank,
                dimensions: report.dimensions, alignment: report.geometry?.alignment,
                uniformity: report.geometry?.uniformity, probe: probe))
        var text = "held out: loss \(report.loss.shown), rank \((report.effectiveRank * 10).rounded() / 10)"
        if let geometry = report.geometry {
            text += ", alignment \(geometry.alignment.shown), uniformity \(geometry.uniformity.shown)"
        }
        return text + (probe.map { ", probe \($0.shown)" } ?? "")
    }

    private mutating func append(_ line: some Encodable) {
        lines.append(String(decoding: PayloadJSON.encode(line), as: UTF8.self))
    }

    var steps: [Step] { decoded() }
    var looks: [Look] { decoded() }

    private func decoded<Line: Decodable>() -> [Line] {
        lines.compactMap { try? JSONDecoder().decode(Line.self, from: Data($0.utf8)) }
    }
}
