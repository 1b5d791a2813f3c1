/// What tier 2 is worth to a person whom nobody has trained for: accuracy from her own few labels, before and after.
package struct PersonalProtocol: Sendable {
    package init() {}

    package func tables(of devices: [(name: String, run: PersonalRun)], encoder: String) -> [ResultTable] {
        let columns = devices.flatMap { device in
            PersonalRun.shots.map { ResultTable.Column("\(device.name), \($0) a class") }
        }
        func values(_ pick: (PersonalRun) -> [[Double]]) -> [Double?] {
            devices.flatMap { device in pick(device.run).map { HARProtocol.median($0) } }
        }
        var summary = ResultTable(
            title: "Accuracy from few labelled windows of the person, median over people", columns: columns)
        summary.rows = [
            .init("\(encoder), frozen", .agent, values(\.frozen)),
            .init("\(encoder), tier 2 on unlabelled data", .agent, values(\.adapted)),
        ]
        summary.notes = [
            "Ridge regression, one class against the rest, on the person's own labelled windows alone; asked are all "
                + "windows of the person that share no sample with these; mean over \(FewLabels.draws) draws.",
            "Features: mean and deviation of the embeddings of the steps of a window, by channel of the motion frame, "
                + "with level and scale; standardised by all of the person's windows.",
            "Tier 2 saw the same person's samples without labels: one round with the shipped settings, judged as on the "
                + "gateway; where it was refused the frozen encoder is used.",
        ]
        var gains = ResultTable(title: "Gain by tier 2, mean over people", columns: columns.map { $0 })
        gains.rows = [
            .init(
                encoder, .agent,
                devices.flatMap { device in PersonalRun.shots.map { device.run.gain(shots: $0) } })
        ]
        return [summary, gains] + devices.flatMap { Self.people($0.name, $0.run) }
    }

    private static func people(_ name: String, _ run: PersonalRun) -> [ResultTable] {
        var table = ResultTable(title: "\(name): accuracy by person, 5 a class", columns: run.people.map { .init($0) })
        table.isDetail = true
        let index = PersonalRun.shots.firstIndex(of: 5)!
        table.rows = [
            .init("frozen", .agent, run.frozen[index]), .init("tier 2", .agent, run.adapted[index]),
        ]
        return [table]
    }
}
