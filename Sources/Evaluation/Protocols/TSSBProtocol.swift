import SedgeCore

/// Segmentation: how well the changes of state that a detector dates cover the true segments, streaming and without
/// knowing how many there are.
package struct TSSBProtocol: Sendable {
    private static let period = 1000
    private static let draws = 50

    package init() {}

    /// - Parameter changes: rows at which a segment begins, by series.
    package func tables(of run: DetectionRun, changes: [[Int]]) -> [ResultTable] {
        let rows = run.series.map(\.rowCount)
        var methods: [(name: String, kind: ResultTable.Kind, coverings: [Double], counts: [Double])] = []
        func add(_ name: String, _ kind: ResultTable.Kind, _ found: [[Int]]) {
            methods.append((name, kind, Self.coverings(found, changes, rows), found.map { Double($0.count) }))
        }
        for (index, name) in run.detectors.enumerated() {
            add(name, MethodKind.of(name), run.outputs[index].map { $0.decisions?.changes ?? [] })
        }
        let counts = run.outputs[0].map { $0.decisions?.changes.count ?? 0 }
        methods.append(Self.random(counts, changes, rows))
        add(
            "a change every \(Self.period) rows", .control,
            rows.map { Array(stride(from: Self.period, to: $0, by: Self.period)) })
        add("no change at all", .control, rows.map { _ in [] })

        var summary = ResultTable(
            title: "Covering, mean over \(run.series.count) series",
            columns: [
                .init("Covering"), .init("median"), .init("changes found", decimals: 1),
                .init("true changes", decimals: 1),
            ])
        let actual = changes.reduce(0.0) { $0 + Double($1.count) } / Double(changes.count)
        for method in methods {
            summary.rows.append(
                .init(
                    method.name, method.kind,
                    [
                        Self.mean(method.coverings), HARProtocol.median(method.coverings), Self.mean(method.counts),
                        actual,
                    ]))
        }
        summary.rows += PublishedFigures.tssb
        summary.notes = [
            "A change counts at the row to which the agent dates it, and is known some rows later; nothing is revised.",
            "Random changes: as many as the agent found in that series, mean of \(Self.draws) draws.",
        ]
        return [summary, Self.differences(methods.map { ($0.name, $0.kind, $0.coverings) })]
            + [Self.details(run, methods.map { ($0.name, $0.kind, $0.coverings) })]
    }

    private static func coverings(_ found: [[Int]], _ changes: [[Int]], _ rows: [Int]) -> [Double] {
        rows.indices.map { Covering.score(found: found[$0], actual: changes[$0], rowCount: rows[$0]) }
    }

    private static func random(
        _ counts: [Int], _ changes: [[Int]], _ rows: [Int]
    ) -> (name: String, kind: ResultTable.Kind, coverings: [Double], counts: [Double]) {
        var random = SeededRandom(seed: 1)
        var sums = [Double](repeating: 0, count: rows.count)
        for _ in 0..<draws {
            let found = rows.indices.map { index in
                (0..<counts[index]).map { _ in Int(random.uniform() * Double(rows[index])) }
            }
            for (index, value) in coverings(found, changes, rows).enumerated() { sums[index] += value / Double(draws) }
        }
        return ("random changes", .control, sums, counts.map(Double.init))
    }

    private static func differences(
        _ methods: [(name: String, kind: ResultTable.Kind, coverings: [Double])]
    ) -> ResultTable {
        var table = ResultTable(
            title: "First row against the others",
            columns: [.init("mean difference"), .init("95 % from"), .init("to")])
        for method in methods.dropFirst() {
            let pairs = zip(methods[0].coverings, method.coverings).map { $0 - $1 }
            guard let difference = PairedDifference(pairs) else { continue }
            table.rows.append(
                .init(
                    method.name, method.kind,
                    [difference.mean, difference.interval.lowerBound, difference.interval.upperBound]))
        }
        table.notes = ["Of the Covering of the same series; bootstrap over series."]
        return table
    }

    private static func details(
        _ run: DetectionRun, _ methods: [(name: String, kind: ResultTable.Kind, coverings: [Double])]
    ) -> ResultTable {
        var table = ResultTable(title: "Covering by series", columns: methods.map { .init($0.name) })
        table.isDetail = true
        table.rows = run.series.indices.map { index in
            .init(run.series[index].name, .agent, methods.map { $0.coverings[index] })
        }
        return table
    }

    private static func mean(_ values: [Double]) -> Double? {
        values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
    }
}
