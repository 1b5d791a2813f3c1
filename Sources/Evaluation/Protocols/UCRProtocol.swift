/// Sets of the UCR and UEA archives on their own training and test parts, beside MiniRocket.
package struct UCRProtocol: Sendable {
    package init() {}

    package func tables(of run: SplitRun) -> [ResultTable] {
        let known = run.sets.indices.filter { PublishedFigures.miniRocket[run.sets[$0]] != nil }
        let best = known.compactMap { PublishedFigures.miniRocket[run.sets[$0]] }
        var table = ResultTable(
            title: "Accuracy on the test part",
            columns: [.init("mean"), .init("mean gap to MiniRocket"), .init("mean macro F1")]
                + run.sets.map { .init($0) })
        for (index, reader) in run.readers.enumerated() {
            let accuracies = run.confusions[index].map(\.accuracy)
            table.rows.append(
                .init(
                    reader.name, reader.kind,
                    [
                        Self.mean(accuracies), Self.mean(zip(known, best).map { $1 - accuracies[$0] }),
                        Self.mean(run.confusions[index].map(\.macroF1)),
                    ] + accuracies))
        }
        if !known.isEmpty {
            table.rows.append(
                .init(
                    "MiniRocket", .published,
                    [nil, 0, nil] + run.sets.map { PublishedFigures.miniRocket[$0] },
                    note: "published, \(known.count) of these sets"))
        }
        table.notes = [
            "A linear model (ridge, one against the rest, penalty as for HAR) on the features of a window, learned from "
                + "the set's training part; state is reset at each window.",
            "Mean gap: over the sets with a published figure; smaller is better.",
        ]
        return [table]
    }

    private static func mean(_ values: [Double]) -> Double? {
        values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
    }
}
