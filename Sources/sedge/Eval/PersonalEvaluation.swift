import Evaluation
import Inference
import SedgeCore

/// What tier 2 is worth to a person from whom there are few labels: `sedge eval person`.
struct PersonalEvaluation {
    let encoder: EvaluatedEncoder
    let threads: Int
    let limit: Int?

    func report(_ folder: HARFolder) throws -> EvaluationReport {
        var devices: [(name: String, run: PersonalRun)] = []
        var heads: [(name: String, runs: [PersonalizationRun])] = []
        var facts = encoder.facts
        for (name, suffix) in [("phone", "_sp"), ("watch", "_sw")] {
            let all = try folder.people(suffix: suffix)
            guard !all.isEmpty else { continue }
            let people = limit.map { Array(all.prefix(max(2, $0))) } ?? all
            let progress = EvaluationProgress("\(name), \(people.count) people")
            defer { progress.finish() }
            let run = try PersonalRun(
                people: people, bundle: encoder.bundle, kernels: encoder.kernels, threads: threads,
                progress: { progress.update($0) })
            facts.append((name, "\(people.count) of \(all.count) people"))
            let decisions = run.decisions.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
            facts.append(("\(name), rounds", decisions.joined(separator: ", ")))
            devices.append((name, run))
            heads.append((name, try labelHead(of: people, name)))
        }
        guard !devices.isEmpty else {
            throw Failure(.data, "found neither <person>_sp.npy nor <person>_sw.npy")
        }
        // Mean over devices and people, at five labels a class.
        let gains = devices.compactMap { $0.run.gain(shots: 5) }
        let gain = gains.reduce(0, +) / Double(max(1, gains.count))
        facts.append(("tier2_gain", "\((gain * 10_000).rounded() / 10_000)"))
        return EvaluationReport(
            set: "person", title: "Activities of a person with few labels", facts: facts,
            tables: [PersonalProtocol().labelHead(of: heads)]
                + PersonalProtocol().tables(of: devices, encoder: "sedge, \(encoder.bundle.name)"))
    }

    /// With and without the person's own mean, which needs no label.
    private func labelHead(of people: [LabelledWindows], _ name: String) throws -> [PersonalizationRun] {
        let reader = PersonalReader(
            name: "sedge, \(encoder.bundle.name)", bundle: encoder.bundle, kernels: encoder.kernels)
        let progress = EvaluationProgress("\(name), labelled windows of their own")
        defer { progress.finish() }
        let cases = [true, false]
        return try cases.enumerated().map { index, isAdapted in
            try PersonalizationRun(groups: people, reader: reader, isAdapted: isAdapted, threads: threads) {
                progress.update((Double(index) + $0) / Double(cases.count))
            }
        }
    }
}
