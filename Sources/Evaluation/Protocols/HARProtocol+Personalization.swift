extension HARProtocol {
    /// How the agent's label head fares on new people, with ever more of their own windows labelled.
    ///
    /// - Parameter devices: each with the same runs.
    package func personalization(of devices: [(name: String, runs: [PersonalizationRun])]) -> ResultTable {
        var table = ResultTable(
            title: "The agent's label head on a new person: accuracy after so many labelled windows of each class",
            columns: devices.flatMap { device in
                PersonalizationRun.counts.map { .init("\(device.name), \($0)") }
            })
        for index in devices.first?.runs.indices ?? 0..<0 {
            let runs = devices.map { $0.runs[index] }
            table.rows.append(
                .init(
                    runs[0].name, runs[0].kind,
                    runs.flatMap { run in run.accuracies.map { Self.median($0) } }))
        }
        table.notes = [
            "Median over people, each left out in turn. Linear discriminants, as the agent keeps them for labels: means "
                + "and a shared covariance of all other people's windows, as a bundle would ship them, and the person's "
                + "own, of which one counts for \(Int(PersonalizationRun.ownWeight)).",
            "Labelled windows are drawn at random, \(PersonalizationRun.draws) times, and are not asked about.",
            "Relative to the person's mean: the mean of all of the person's windows, for which no label is needed, is "
                + "taken off first.",
        ]
        return table
    }
}
