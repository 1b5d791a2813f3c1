/// Every reader with every group left out in turn: a linear model learns from the others and is asked about this one.
package struct LeaveOneOutRun: Sendable {
    package struct Reader: Sendable {
        package let name: String
        package let kind: ResultTable.Kind
    }

    package let groups: [String]
    package let readers: [Reader]
    package let confusions: [[ConfusionMatrix]]  // (readers, groups)

    /// - Parameter progress: called on the working threads with the share of the work that is done.
    /// - Throws: fewer than two groups; a reader's refusal.
    package init(
        groups: [LabelledWindows], readers: [any WindowReader], threads: Int,
        progress: @escaping @Sendable (Double) -> Void = { _ in }
    ) throws {
        try LabelledWindows.checkLeaveOneOut(groups)
        let classes = groups.reduce(1) { max($0, $1.classCount) }
        let jobs = readers.indices.flatMap { reader in groups.indices.map { (reader: reader, group: $0) } }
        let features = try ParallelMap.run(
            jobs, threads: threads, cost: { groups[$0.group].windows.count }, progress: { progress(0.9 * $0) }
        ) { try readers[$0.reader].features(of: groups[$0.group]) }
        self.groups = groups.map(\.name)
        self.readers = readers.map { Reader(name: $0.name, kind: $0.kind) }
        // One reader after the other: its sums are the largest thing here.
        confusions = try readers.indices.map { reader in
            let rows = Array(features[reader * groups.count..<(reader + 1) * groups.count])
            defer { progress(0.9 + 0.1 * Double(reader + 1) / Double(readers.count)) }
            return try Self.confusions(rows, groups.map(\.labels), classes: classes, threads: threads)
        }
    }

    private static func confusions(
        _ rows: [[[Double]]], _ labels: [[Int]], classes: Int, threads: Int
    ) throws -> [ConfusionMatrix] {
        let sums = try ParallelMap.run(Array(rows.indices), threads: threads, cost: { rows[$0].count }) {
            ClassSums(rows[$0], labels: labels[$0], classes: classes)
        }
        var all = ClassSums(dimensions: rows[0].first?.count ?? 0, classes: classes)
        for one in sums { all += one }
        let total = all
        return try ParallelMap.run(Array(rows.indices), threads: threads, cost: { _ in 1 }) { group in
            var others = total
            others -= sums[group]
            let model = RidgeClassifier(others)
            var matrix = ConfusionMatrix(classes: classes)
            for (row, label) in zip(rows[group], labels[group]) {
                matrix.add(actual: label, predicted: model.predict(row))
            }
            return matrix
        }
    }
}
