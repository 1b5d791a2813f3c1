/// Every reader on every set: a linear model learns from the training part and is asked about the test part.
package struct SplitRun: Sendable {
    package let sets: [String]
    package let readers: [LeaveOneOutRun.Reader]
    package let confusions: [[ConfusionMatrix]]  // (readers, sets)

    /// - Parameter progress: called on the working threads with the share of the work that is done.
    package init(
        sets: [SplitWindows], readers: [any WindowReader], threads: Int,
        progress: @escaping @Sendable (Double) -> Void = { _ in }
    ) throws {
        let jobs = readers.indices.flatMap { reader in sets.indices.map { (reader: reader, set: $0) } }
        let found = try ParallelMap.run(
            jobs, threads: threads,
            cost: { Self.cost(sets[$0.set].training) + Self.cost(sets[$0.set].test) }, progress: progress
        ) { job in
            let set = sets[job.set]
            let classes = max(set.training.classCount, set.test.classCount)
            let rows = try readers[job.reader].features(of: set.training)
            let model = RidgeClassifier(ClassSums(rows, labels: set.training.labels, classes: classes))
            var matrix = ConfusionMatrix(classes: classes)
            for (row, label) in zip(try readers[job.reader].features(of: set.test), set.test.labels) {
                matrix.add(actual: label, predicted: model.predict(row))
            }
            return matrix
        }
        self.sets = sets.map(\.name)
        self.readers = readers.map { LeaveOneOutRun.Reader(name: $0.name, kind: $0.kind) }
        confusions = readers.indices.map { Array(found[$0 * sets.count..<($0 + 1) * sets.count]) }
    }

    private static func cost(_ windows: LabelledWindows) -> Int {
        windows.windows.reduce(0) { $0 + $1.count * $1[0].count }
    }
}
