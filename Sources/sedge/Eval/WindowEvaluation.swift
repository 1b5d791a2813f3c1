import Evaluation
import Inference
import SedgeCore

/// Reads windows with the frozen encoder, with controls and with baselines, and puts the report of a protocol together.
struct WindowEvaluation {
    let encoder: EvaluatedEncoder
    let threads: Int
    let limit: Int?

    func har(_ folder: HARFolder) throws -> EvaluationReport {
        var devices: [HARProtocol.Device] = []
        var facts = encoder.facts
        for (name, suffix) in [("phone", "_sp"), ("watch", "_sw")] {
            let all = try folder.people(suffix: suffix)
            guard !all.isEmpty else { continue }
            let people = limit.map { Array(all.prefix(max(2, $0))) } ?? all
            let windows = people.reduce(0) { $0 + $1.windows.count }
            facts.append((name, "\(people.count) of \(all.count) people, \(windows) windows"))
            let progress = EvaluationProgress("\(name), \(people.count) people")
            defer { progress.finish() }
            devices.append(
                .init(
                    name: name,
                    run: try LeaveOneOutRun(
                        groups: people, readers: try motionReaders(), threads: threads,
                        progress: { progress.update($0) })))
        }
        guard !devices.isEmpty else {
            throw Failure(.data, "found neither <person>_sp.npy nor <person>_sw.npy")
        }
        var tables = HARProtocol().tables(of: devices)
        if devices.count == 2 { tables[0].rows += PublishedFigures.har }
        return EvaluationReport(set: "har", title: "Activities of people", facts: facts, tables: tables)
    }

    func ucr(_ folder: UCRFolder) throws -> EvaluationReport {
        let all = try folder.sets()
        let sets = limit.map { Array(all.prefix($0)) } ?? all
        let progress = EvaluationProgress("\(sets.count) sets")
        defer { progress.finish() }
        let run = try SplitRun(
            sets: sets, readers: try plainReaders(), threads: threads, progress: { progress.update($0) })
        let windows = sets.reduce(0) { $0 + $1.training.windows.count + $1.test.windows.count }
        return EvaluationReport(
            set: "ucr", title: "UCR and UEA archives",
            facts: encoder.facts + [("data", "\(sets.count) of \(all.count) sets, \(windows) windows")],
            tables: UCRProtocol().tables(of: run))
    }

    /// The first is what the others are compared with.
    private func motionReaders() throws -> [any WindowReader] {
        let name = "sedge, \(encoder.bundle.name)"
        return [
            try reader(name, .agent, .motion, passes: 2),
            try reader("\(name), each window read once", .agent, .motion),
            try reader("\(name), state carried", .agent, .motion, carriesState: true),
            try reader("\(name), channels as measured", .agent, .asMeasured, passes: 2),
            try reader("random weights, same reader", .control, .motion, passes: 2),
            try reader("levels and scales alone", .control, .motion, readsEmbeddings: false, passes: 2),
            HandMadeReader(name: "hand-made features", addsMotion: true),
            HandMadeReader(name: "hand-made features, channels as measured", addsMotion: false),
        ]
    }

    private func plainReaders() throws -> [any WindowReader] {
        let name = "sedge, \(encoder.bundle.name)"
        return [
            try reader(name, .agent, .asMeasured, passes: 2),
            try reader("\(name), each window read once", .agent, .asMeasured),
            try reader("random weights, same reader", .control, .asMeasured, passes: 2),
            try reader("levels and scales alone", .control, .asMeasured, readsEmbeddings: false, passes: 2),
            HandMadeReader(name: "hand-made features", addsMotion: false),
        ]
    }

    /// - Parameter kind: a control reads with random weights, unless it does not read embeddings.
    private func reader(
        _ name: String, _ kind: ResultTable.Kind, _ channels: EmbeddingReader.Channels, carriesState: Bool = false,
        readsEmbeddings: Bool = true, passes: Int = 1
    ) throws -> EmbeddingReader {
        try EmbeddingReader(
            name: name, kind: kind, bundle: kind == .control ? encoder.twin : encoder.bundle, kernels: encoder.kernels,
            channels: channels, carriesState: carriesState, readsEmbeddings: readsEmbeddings, passes: passes)
    }
}
