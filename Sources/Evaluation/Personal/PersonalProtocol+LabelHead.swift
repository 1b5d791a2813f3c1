extension PersonalProtocol {
    /// How the agent's label head fares on new people, with ever more of their own windows labelled.
    ///
    /// - Parameter devices: each with the same runs.
    package func labelHead(of devices: [(name: String, runs: [PersonalizationRun])]) -> ResultTable {
        var table = ResultTable(
            title: "The agent's label head on a new person: other people's labels shipped, and so many of her own",
            columns: devices.flatMap { device in
                PersonalizationRun.counts.map { .init("\(device.name), \($0) a class") }
            })
        for index in devices.first?.runs.indices ?? 0..<0 {
            let runs = devices.map { $0.runs[index] }
            table.rows.append(
                .init(
                    runs[0].name, runs[0].kind,
                    runs.flatMap { run in run.accuracies.map { HARProtocol.median($0) } }))
        }
        table.notes = [
            "Median over people, each left out in turn. Learned from others: means and the covariance that labels share, "
                + "of all windows of all other people of the folder, as a bundle ships them. Learned from the person: "
                + "her labelled windows, of which one counts for \(Int(PersonalizationRun.ownWeight)).",
            "Her labelled windows are drawn at random, mean over \(PersonalizationRun.draws) draws; asked are all "
                + "windows of the person that share no sample with these.",
            "Relative to the person's mean: the mean of all of a person's windows, for which no label is needed, is taken "
                + "off first, from others' windows too.",
            "Retraining changes nothing here: shipped statistics are of the frozen encoder's embeddings, and so is what "
                + "the agent's head reads.",
        ]
        return table
    }
}
