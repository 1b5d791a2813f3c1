import Adaptation
import SedgeCore

/// The agent's label head on a person whom it has never seen: what windows of others taught it, as a bundle would ship
/// that, and so many labelled windows of the person's own.
///
/// A window of the person's own counts for `ownWeight` of others'. Those that taught it are not asked about, nor what
/// shares samples with them.
package struct PersonalizationRun: Sendable {
    /// Labelled windows of each class.
    package static let counts = [0, 1, 5, 10, 20]
    package static let ownWeight = 20.0
    /// Choices of labelled windows, of which the mean is taken.
    package static let draws = 4

    package let name: String
    package let kind: ResultTable.Kind
    package let accuracies: [[Double]]  // (counts, groups)

    /// - Parameters:
    ///   - groups: a person each.
    ///   - isAdapted: whether each person's windows are taken relative to their own mean, which needs no label.
    ///   - progress: called on the working threads with the share of the work that is done.
    /// - Throws: fewer than two groups; the reader's refusal.
    package init(
        groups: [LabelledWindows], reader: any WindowReader, isAdapted: Bool, threads: Int,
        progress: @escaping @Sendable (Double) -> Void = { _ in }
    ) throws {
        try LabelledWindows.checkLeaveOneOut(groups)
        name = isAdapted ? "\(reader.name), relative to the person's mean" : reader.name
        kind = reader.kind
        let rows = try ParallelMap.run(
            Array(groups.indices), threads: threads, cost: { groups[$0].windows.count },
            progress: { progress(0.6 * $0) }
        ) { group in
            Self.vectors(try reader.features(of: groups[group]), isAdapted: isAdapted)
        }
        let statistics = try ParallelMap.run(Array(groups.indices), threads: threads, cost: { rows[$0].count }) {
            group in
            Self.statistics(rows[group], groups[group].labels)
        }
        let curves = try ParallelMap.run(
            Array(groups.indices), threads: threads, cost: { rows[$0].count }, progress: { progress(0.6 + 0.4 * $0) }
        ) { group in
            var others = LabelStatistics(dimension: statistics[group].dimension)
            for other in statistics.indices where other != group { others.merge(statistics[other]) }
            return Self.curve(
                rows[group], groups[group].labels, spans: groups[group].spans, others, seed: UInt64(group))
        }
        accuracies = Self.counts.indices.map { count in curves.map { $0[count] } }
    }

    private static func vectors(_ features: [[Double]], isAdapted: Bool) -> [[Float]] {
        let size = features[0].count
        var mean = [Double](repeating: 0, count: size)
        if isAdapted {
            for row in features { for index in 0..<size { mean[index] += row[index] / Double(features.count) } }
        }
        let padding = [Float](repeating: 0, count: (8 - size % 8) % 8)
        return features.map { row in zip(row, mean).map { Float($0 - $1) } + padding }
    }

    private static func statistics(_ rows: [[Float]], _ labels: [Int]) -> LabelStatistics {
        var statistics = LabelStatistics(dimension: rows[0].count)
        for (row, label) in zip(rows, labels) { statistics.observe(row, label: "\(label)") }
        return statistics
    }

    /// Accuracy for each count of own windows.
    private static func curve(
        _ rows: [[Float]], _ labels: [Int], spans: [Range<Int>], _ others: LabelStatistics, seed: UInt64
    ) -> [Double] {
        var random = SeededRandom(seed: seed)
        return counts.map { count in
            let draws = count == 0 ? 1 : draws
            let accuracies = (0..<draws).compactMap { _ -> Double? in
                let own = choose(count, of: labels, &random)
                var statistics = others
                for index in own.sorted() {
                    statistics.observe(rows[index], label: "\(labels[index])", weight: ownWeight)
                }
                guard let head = LabelHead(statistics) else { return 0.0 }
                let asked = LabelledWindows.apart(from: own, spans)
                guard !asked.isEmpty else { return nil }
                let right = asked.count { head.nearest(to: rows[$0]) == "\(labels[$0])" }
                return Double(right) / Double(asked.count)
            }
            return accuracies.reduce(0, +) / Double(max(1, accuracies.count))
        }
    }

    /// Windows of each class, as many as wanted, or as there are.
    private static func choose(_ count: Int, of labels: [Int], _ random: inout SeededRandom) -> Set<Int> {
        var chosen: Set<Int> = []
        for label in Set(labels).sorted() {
            var own = labels.indices.filter { labels[$0] == label }
            for _ in 0..<min(count, own.count) {
                chosen.insert(own.remove(at: Int(random.next() % UInt64(own.count))))
            }
        }
        return chosen
    }
}
