import Adaptation
package import Inference
import SedgeCore
package import Store

/// What people's labels taught one gateway, as a bundle ships it to others: statistics of the labelled steps, added to
/// those that the bundle knows already.
package struct LabelHarvest: Sendable {
    /// The same encoder with more knowledge of labels; another fingerprint, since it says something else.
    package let bundle: ModelBundle
    /// Labelled times that went into it, by their names.
    package let taught: [String: Int]
    /// Those that say nothing to this bundle, each with the reason.
    package let leftOut: [String]

    /// - Parameters:
    ///   - feedback: what people said; what was taken back, and verdicts, are passed over.
    ///   - bundle: the one whose embeddings the labelled steps are.
    /// - Throws: `nothing` where no label is of use; damage in the bundle's own statistics.
    package init(_ feedback: [StoredFeedback], into bundle: ModelBundle) throws {
        var statistics = bundle.labels.isEmpty ? nil : try LabelStatistics(restoring: bundle.labels)
        var (taught, leftOut): ([String: Int], [String]) = ([:], [])
        for entry in feedback where entry.kind == .label && entry.revokedBy == nil {
            guard let name = entry.name else { continue }
            guard entry.model == bundle.fingerprint else {
                leftOut.append("\"\(entry.id)\" is about \(entry.model)")
                continue
            }
            do {
                let dimension = try statistics?.dimension ?? ExampleSet.dimension(of: entry.examples)
                let examples = try ExampleSet(dimension: dimension, restoring: entry.examples)
                var sum = statistics ?? LabelStatistics(dimension: dimension)
                sum.observe(examples, label: name)
                statistics = sum
                taught[name, default: 0] += 1
            } catch {
                leftOut.append("\"\(entry.id)\" can not be used: \(error)")
            }
        }
        guard let statistics, !taught.isEmpty else { throw Nothing(leftOut: leftOut) }
        self.bundle = try bundle.with(labels: statistics.snapshot())
        self.taught = taught
        self.leftOut = leftOut
    }

    /// No label was of use.
    package struct Nothing: Error, CustomStringConvertible {
        package let leftOut: [String]
        package var description: String {
            leftOut.isEmpty ? "nobody has given a label" : "no label is of use: " + leftOut.joined(separator: "; ")
        }
    }
}
