package import SedgeCore

/// The self-supervised objective of an encoder: the tasks of `PretextTasks` by their weights, with their heads.
///
/// One linear head answers masked reconstruction, multi-horizon forecast and the shape of windows: the embedding holds
/// what the last samples were, how they moved and where they lead. VICReg and the contrasts compare embeddings of the same moment in two overlapping crops:
/// the embedding depends on the signal and not on where the crop began, and keeps its dimensions in use.
package struct PretextObjective: ParameterGroup, Sendable {
    package let targets: PretextTargets
    package let tasks: PretextTasks
    package var head: Pointwise
    package var huber = HuberLoss()
    package var regularizer = VarianceCovarianceLoss(invariance: 0.1, variance: 0.4, covariance: 0.05)
    package var contrast = ContrastiveLoss()
    package var hierarchy = HierarchicalContrast()
    /// Maps embeddings to where InfoNCE compares them, so that they need not give up what it does not ask for.
    private var projector: Pointwise?
    private var classifier: Pointwise?
    /// Names the family of generated series.
    private var familyReader: Pointwise?
    private var queue: EmbeddingQueue
    private let kinds: [Int]  // (columns of all channels)

    /// Moments of a batch that InfoNCE compares, and how many of them are remembered, for how many batches.
    private static let contrasted = 256
    private static let remembered = 64
    private static let batchesRemembered = 16
    /// Every so many steps a row is asked for its series' family.
    private static let familyStride = 8
    /// Moments of a series that the hierarchical contrast begins with.
    private static let hierarchyMoments = 64

    /// - Parameters:
    ///   - inputs: channels of one lane.
    ///   - classes: of the labels, where the tasks have a supervised term.
    ///   - families: of generated signals, where the tasks have a term for them.
    package init(
        targets: PretextTargets, tasks: PretextTasks = .standard, inputs: Int = 1, embedding: Int, classes: Int = 0,
        families: Int = 0, random: inout SeededRandom
    ) {
        precondition(tasks.labels == 0 || classes >= 2, "\(classes) classes")
        precondition(tasks.families == 0 || families >= 2, "\(families) families")
        self.targets = targets
        self.tasks = tasks
        let columns = inputs * targets.columns
        kinds = (0..<columns).map { targets.kind(ofColumn: $0).rawValue }
        head = Pointwise("head", inputs: embedding, outputs: columns, bias: true, random: &random)
        if tasks.contrast > 0 {
            projector = Pointwise("projector", inputs: embedding, outputs: embedding, bias: true, random: &random)
        }
        if tasks.labels > 0 {
            classifier = Pointwise("classifier", inputs: embedding, outputs: classes, bias: true, random: &random)
        }
        if tasks.families > 0 {
            familyReader = Pointwise("families", inputs: embedding, outputs: families, bias: true, random: &random)
        }
        queue = EmbeddingQueue(capacity: Self.remembered * Self.batchesRemembered, dimensions: embedding)
    }

    /// The loss and its gradient by the embeddings (steps · lanes, embedding); adds to the heads' gradients and
    /// remembers some rows for the contrasts of later batches.
    package mutating func evaluate(
        _ embeddings: Matrix, _ batch: PretextBatch, using gemm: some MatrixMultiply
    ) -> (loss: PretextLoss, gradient: Matrix) {
        precondition(batch.pairCounts.reduce(0, +) == batch.pairs.count, "pairs of no series")
        var loss = PretextLoss()
        var gradient = addPredictions(embeddings, batch, &loss, using: gemm)
        if tasks.vicreg > 0 { addRegularization(embeddings, batch, &loss, &gradient, using: gemm) }
        if tasks.contrast > 0 { addContrast(embeddings, batch, &loss, &gradient, using: gemm) }
        if tasks.hierarchy > 0 { addHierarchy(embeddings, batch, &loss, &gradient, using: gemm) }
        if tasks.labels > 0 { addLabels(embeddings, batch, &loss, &gradient, using: gemm) }
        if tasks.families > 0 { addFamilies(embeddings, batch, &loss, &gradient, using: gemm) }
        return (loss, gradient)
    }

    /// What the head says of each embedding.
    package mutating func predict(_ embeddings: Matrix, using gemm: some MatrixMultiply) -> Matrix {
        head.forward(embeddings, .inference, using: gemm)
    }

    package mutating func forEachParameter(_ body: (inout Parameter) -> Void) {
        head.forEachParameter(body)
        projector?.forEachParameter(body)
        classifier?.forEachParameter(body)
        familyReader?.forEachParameter(body)
    }

    /// What it remembers beside its parameters.
    package func saveQueue(to writer: inout SnapshotWriter) { queue.save(to: &writer) }

    package mutating func restoreQueue(from reader: inout SnapshotReader) throws(SnapshotError) {
        try queue.restore(from: &reader)
    }

    private mutating func addPredictions(
        _ embeddings: Matrix, _ batch: PretextBatch, _ loss: inout PretextLoss, using gemm: some MatrixMultiply
    ) -> Matrix {
        guard tasks.mask > 0 || tasks.forecast > 0 || tasks.shape > 0 else {
            return Matrix(rows: embeddings.rows, columns: embeddings.columns)
        }
        let prediction = head.forward(embeddings, .training, using: gemm)
        // Near and far forecast share one weight by the number of their columns.
        let near = Float(targets.future) / Float(targets.first(.shape) - targets.history)
        let fit = huber.evaluate(
            prediction, target: batch.targets, weight: batch.weights, kinds: kinds,
            shares: [tasks.mask, tasks.forecast * near, tasks.forecast * (1 - near), tasks.shape])
        func mean(_ kind: PretextTargets.Kind) -> Double {
            fit.mean(of: kinds.indices.filter { kinds[$0] == kind.rawValue })
        }
        (loss.reconstruction, loss.nearForecast, loss.farForecast) = (mean(.past), mean(.near), mean(.far))
        loss.shape = mean(.shape)
        loss.total += fit.loss
        return head.backward(fit.gradient, using: gemm)
    }

    private mutating func addRegularization(
        _ embeddings: Matrix, _ batch: PretextBatch, _ loss: inout PretextLoss, _ gradient: inout Matrix,
        using gemm: some MatrixMultiply
    ) {
        guard batch.pairs.count >= 2 else { return }
        let (first, second) = (batch.pairs.map(\.first), batch.pairs.map(\.second))
        let result = regularizer.evaluate(embeddings.gather(first), embeddings.gather(second), using: gemm)
        loss.regularization = result.terms
        loss.total += Double(tasks.vicreg) * result.terms.total
        gradient.scatter(result.first, to: first, scaledBy: tasks.vicreg)
        gradient.scatter(result.second, to: second, scaledBy: tasks.vicreg)
    }

    private mutating func addContrast(
        _ embeddings: Matrix, _ batch: PretextBatch, _ loss: inout PretextLoss, _ gradient: inout Matrix,
        using gemm: some MatrixMultiply
    ) {
        let series = batch.pairCounts.indices.flatMap { Array(repeating: $0, count: batch.pairCounts[$0]) }
        let chosen = Self.spread(Self.contrasted, over: batch.pairs.count)
        guard chosen.count >= 2 else { return }
        let rows = chosen.map { batch.pairs[$0].first } + chosen.map { batch.pairs[$0].second }
        let units = UnitRows(projector!.forward(embeddings.gather(rows), .training, using: gemm))
        let first = units.values.gather(Array(0..<chosen.count))
        let second = units.values.gather(Array(chosen.count..<rows.count))
        let result = contrast.evaluate(
            first, second, groups: chosen.map { series[$0] }, negatives: queue.rows, using: gemm)
        loss.contrast = result.loss
        loss.total += Double(tasks.contrast) * result.loss
        var projected = Matrix(rows: rows.count, columns: embeddings.columns)
        projected.scatter(result.first, to: Array(0..<chosen.count), scaledBy: tasks.contrast)
        projected.scatter(result.second, to: Array(chosen.count..<rows.count), scaledBy: tasks.contrast)
        gradient.scatter(projector!.backward(units.backward(projected), using: gemm), to: rows)
        queue.append(second.gather(Self.spread(Self.remembered, over: chosen.count)))
    }

    private mutating func addHierarchy(
        _ embeddings: Matrix, _ batch: PretextBatch, _ loss: inout PretextLoss, _ gradient: inout Matrix,
        using gemm: some MatrixMultiply
    ) {
        var chosen: [Int] = []
        var lengths: [Int] = []
        var start = 0
        for count in batch.pairCounts where count > 0 {
            let places = Self.spread(Self.hierarchyMoments, over: count)
            chosen += places.map { start + $0 }
            lengths.append(places.count)
            start += count
        }
        guard chosen.count >= 2 else { return }
        let (first, second) = (chosen.map { batch.pairs[$0].first }, chosen.map { batch.pairs[$0].second })
        let result = hierarchy.evaluate(
            embeddings.gather(first), embeddings.gather(second), lengths: lengths, using: gemm)
        loss.hierarchy = result.loss
        loss.total += Double(tasks.hierarchy) * result.loss
        gradient.scatter(result.first, to: first, scaledBy: tasks.hierarchy)
        gradient.scatter(result.second, to: second, scaledBy: tasks.hierarchy)
    }

    private mutating func addLabels(
        _ embeddings: Matrix, _ batch: PretextBatch, _ loss: inout PretextLoss, _ gradient: inout Matrix,
        using gemm: some MatrixMultiply
    ) {
        let rows = batch.classes.indices.filter { batch.classes[$0] != CrossEntropyLoss.unknown }
        let classes = rows.map { batch.classes[$0] }
        loss.classification = Self.classify(
            &classifier!, embeddings, rows, classes, weight: tasks.labels, &gradient, using: gemm)
        loss.total += Double(tasks.labels) * loss.classification
    }

    private mutating func addFamilies(
        _ embeddings: Matrix, _ batch: PretextBatch, _ loss: inout PretextLoss, _ gradient: inout Matrix,
        using gemm: some MatrixMultiply
    ) {
        guard !batch.families.isEmpty else { return }
        // Neighbouring steps say nearly the same.
        let steps = stride(from: Self.familyStride - 1, to: embeddings.rows / batch.lanes, by: Self.familyStride)
        let rows = steps.flatMap { step in
            (0..<batch.lanes).filter { batch.families[$0] != CrossEntropyLoss.unknown }.map { step * batch.lanes + $0 }
        }
        let families = rows.map { batch.families[$0 % batch.lanes] }
        loss.family = Self.classify(
            &familyReader!, embeddings, rows, families, weight: tasks.families, &gradient, using: gemm)
        loss.total += Double(tasks.families) * loss.family
    }

    /// The cross-entropy of some rows, without its weight.
    private static func classify(
        _ reader: inout Pointwise, _ embeddings: Matrix, _ rows: [Int], _ classes: [Int32], weight: Float,
        _ gradient: inout Matrix, using gemm: some MatrixMultiply
    ) -> Double {
        guard !rows.isEmpty else { return 0 }
        let logits = reader.forward(embeddings.gather(rows), .training, using: gemm)
        let result = CrossEntropyLoss.evaluate(logits, classes: classes)
        var weighted = Matrix(rows: rows.count, columns: logits.columns)
        weighted.scatter(result.gradient, to: Array(rows.indices), scaledBy: weight)
        gradient.scatter(reader.backward(weighted, using: gemm), to: rows)
        return result.loss
    }

    /// At most `limit` of `count` places, evenly spread, in order.
    private static func spread(_ limit: Int, over count: Int) -> [Int] {
        let number = min(limit, count)
        return (0..<number).map { $0 * count / number }
    }
}
