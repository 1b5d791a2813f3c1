/// Recognising what a person does, whom the linear model has never seen: leave one person out, median over people.
package struct HARProtocol: Sendable {
    package static let classes = ["seated", "standing up", "walking", "turning", "sitting down"]

    /// One sensor's people under every reader.
    package struct Device: Sendable {
        package let name: String
        package let run: LeaveOneOutRun

        package init(name: String, run: LeaveOneOutRun) {
            self.name = name
            self.run = run
        }
    }

    package init() {}

    /// - Parameter devices: with the same readers.
    package func tables(of devices: [Device]) -> [ResultTable] {
        guard let readers = devices.first?.run.readers else { return [] }
        var summary = ResultTable(
            title: "Accuracy on a person left out, median over people",
            columns: devices.map { .init($0.name) }
                + devices.flatMap { [.init("\($0.name), macro F1"), .init("\($0.name), worst person")] })
        for (index, reader) in readers.enumerated() {
            let runs = devices.map { $0.run.confusions[index] }
            summary.rows.append(
                .init(
                    reader.name, reader.kind,
                    runs.map { Self.median($0.map(\.accuracy)) }
                        + runs.flatMap { [Self.median($0.map(\.macroF1)), $0.map(\.accuracy).min()] }))
        }
        summary.notes = [
            "A linear model (ridge, one against the rest) on the features of a window, fitted on all other people of "
                + "the folder; state is reset at each window unless a row says otherwise.",
            "Each window is read twice in a row, so that its own level and scale are known when its embeddings are "
                + "taken; of what comes after it nothing is known.",
            "State carried: normaliser and encoder go on from one window of a person to the next, as on a gateway.",
            "Motion channels: lengths of acceleration and turning rate, and their parts along and across gravity, "
                + "which do not depend on how the sensor is worn.",
        ]
        return [summary] + devices.flatMap { [Self.differences($0), Self.people($0)] }
    }

    /// Of each person's accuracy to that of the first reader.
    private static func differences(_ device: Device) -> ResultTable {
        let run = device.run
        var table = ResultTable(
            title: "\(device.name): first row against the others",
            columns: [.init("mean difference"), .init("95 % from"), .init("to")])
        for (index, reader) in run.readers.enumerated().dropFirst() {
            let pairs = zip(run.confusions[0], run.confusions[index]).map { $0.accuracy - $1.accuracy }
            guard let difference = PairedDifference(pairs) else { continue }
            table.rows.append(
                .init(
                    reader.name, reader.kind,
                    [difference.mean, difference.interval.lowerBound, difference.interval.upperBound]))
        }
        table.notes = ["Of the accuracies of the same people; bootstrap over people."]
        return table
    }

    private static func people(_ device: Device) -> ResultTable {
        let run = device.run
        var table = ResultTable(
            title: "\(device.name): accuracy by person", columns: run.groups.map { .init($0) })
        table.isDetail = true
        for (index, reader) in run.readers.enumerated() {
            table.rows.append(.init(reader.name, reader.kind, run.confusions[index].map(\.accuracy)))
        }
        return table
    }

    static func median(_ values: [Double]) -> Double? {
        guard !values.isEmpty else { return nil }
        let sorted = values.sorted()
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }
}
