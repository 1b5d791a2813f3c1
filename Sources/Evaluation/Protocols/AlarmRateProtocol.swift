/// False alarms: how many the agent raises on streams that only repeat themselves, beside how many it was asked for.
package struct AlarmRateProtocol: Sendable {
    /// Seconds between rows.
    package static let interval = 60.0
    /// Rows of a week.
    package static let week = 10_080

    package let alarmsPerWeek: Double

    package init(alarmsPerWeek: Double) { self.alarmsPerWeek = alarmsPerWeek }

    package func table(of run: DetectionRun) -> ResultTable {
        var table = ResultTable(
            title: "False alarms on streams that only repeat themselves",
            columns: [
                .init("alarms", decimals: 0), .init("asked for", decimals: 1), .init("factor", decimals: 2),
                .init("share of time", decimals: 4),
            ])
        var (all, wanted) = (0, 0.0)
        for (series, output) in zip(run.series, run.outputs[0]) {
            let found = output.decisions?.alarms.count ?? 0
            let asked = alarmsPerWeek * Double(series.rowCount) / Double(Self.week)
            let open = output.decisions?.isAlarming.count { $0 } ?? 0
            table.rows.append(
                .init(
                    series.name, .agent,
                    [Double(found), asked, Double(found) / asked, Double(open) / Double(series.rowCount)]))
            all += found
            wanted += asked
        }
        table.rows.append(.init("all", .agent, [Double(all), wanted, Double(all) / wanted, nil]))
        table.notes = [
            "A row a minute, \(alarmsPerWeek) alarms a week. Counts of rare events scatter by their square root."
        ]
        return table
    }
}
