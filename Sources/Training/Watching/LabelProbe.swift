package import Learning
import Preprocessing

/// The quick probe of a run on labelled recordings: how well a linear reader tells classes from frozen embeddings.
///
/// Each series goes through normaliser and encoder from its beginning as on the device, a step every patch. The reader
/// learns from the series that training uses and is judged on those kept from it.
package struct LabelProbe: Sendable {
    private let training: Part
    private let heldOut: Part
    private let classes: Int

    /// Steps of one series, and of all series of a part, that are looked at: the last ones.
    private static let longest = 2048
    private static let most = 16_384

    /// nil where there is nothing to learn from or to judge on: fewer than two classes on either side.
    package init?(_ data: TrainingData, recipe: BatchRecipe) {
        guard data.classes.count >= 2 else { return nil }
        training = Part(data.training, recipe)
        heldOut = Part(data.heldOut, recipe)
        classes = data.classes.count
        guard training.classCount >= 2, heldOut.classCount >= 2 else { return nil }
    }

    /// Balanced accuracy on the series kept from training; 1 / classes is chance.
    package func accuracy(of network: TemporalConvolutionalNetwork, using gemm: some MatrixMultiply) -> Double {
        let (x, labels) = training.embeddings(network, using: gemm)
        let (y, others) = heldOut.embeddings(network, using: gemm)
        return LinearProbe(x, labels: labels, classes: classes, using: gemm)
            .balancedAccuracy(y, labels: others, using: gemm)
    }

    private struct Part: Sendable {
        /// Normalised patches (steps, inputs · patch) of a lane, and the class of each step.
        private var lanes: [(patches: Matrix, classes: [Int32])] = []

        init(_ series: [TrainingSeries], _ recipe: BatchRecipe) {
            var steps = 0
            for one in series where one.classes.contains(where: { $0 != CrossEntropyLoss.unknown }) {
                let views = recipe.inputs == 1 ? one.channels.indices.map(one.channel) : [one]
                for view in views where steps < LabelProbe.most {
                    let lane = Self.lane(view, recipe)
                    steps += lane.patches.rows
                    lanes.append(lane)
                }
            }
        }

        var classCount: Int { Set(lanes.flatMap(\.classes)).subtracting([CrossEntropyLoss.unknown]).count }

        func embeddings(
            _ network: TemporalConvolutionalNetwork, using gemm: some MatrixMultiply
        ) -> (Matrix, [Int32]) {
            var network = network
            var (values, labels): ([Float], [Int32]) = ([], [])
            for lane in lanes {
                let embeddings = network.forward(lane.patches, lanes: 1, .inference, using: gemm)
                let rows = lane.classes.indices.filter { lane.classes[$0] != CrossEntropyLoss.unknown }
                values += embeddings.gather(rows).values
                labels += rows.map { lane.classes[$0] }
            }
            let columns = network.shape.embedding
            return (Matrix(rows: values.count / columns, columns: columns, values: values), labels)
        }

        private static func lane(
            _ series: TrainingSeries, _ recipe: BatchRecipe
        ) -> (patches: Matrix, classes: [Int32]) {
            let patch = recipe.patch
            let steps = min(LabelProbe.longest, series.count / patch)
            let start = series.count - steps * patch
            var normalizers = recipe.normalization.makeNormalizers(channels: recipe.inputs, holdLimit: 8)
            let normalized = series.channels.indices.map { channel in
                series.channels[channel].map { normalizers[channel].normalize($0) }
            }
            let patches = Matrix(rows: steps, columns: recipe.inputs * patch) { cells in
                for step in 0..<steps {
                    for (channel, values) in normalized.enumerated() {
                        for sample in 0..<patch {
                            cells[(step * recipe.inputs + channel) * patch + sample] =
                                values[start + step * patch + sample]
                        }
                    }
                }
            }
            return (patches, (0..<steps).map { series.classes[start + ($0 + 1) * patch - 1] })
        }
    }
}
