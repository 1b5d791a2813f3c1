import Evaluation
import Inference
import SedgeCore

/// Reads windows with the frozen encoder, with controls and with baselines, and puts the report of a protocol together.
struct WindowEvaluation {
    let encoder: EvaluatedEncoder
    let threads: Int
    let limit: Int?
    /// What the bundle was quantized from, to see what int8 costs; nil: not measured.
    let float: FloatEmbedder?

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
        for device in devices {
            tables += loss(of: device.run.readers, device.run.confusions, "people, \(device.name)")
        }
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
            tables: UCRProtocol().tables(of: run) + loss(of: run.readers, run.confusions, "sets"))
    }

    /// The first is what the others are compared with.
    private func motionReaders() throws -> [any WindowReader] {
        let name = "sedge, \(encoder.bundle.name)"
        let readers: [(any WindowReader)?] = [
            try reader(name, .agent, .motion, passes: 2),
            try reader("\(name), each window read once", .agent, .motion),
            try reader("\(name), state carried", .agent, .motion, carriesState: true),
            try reader("\(name), channels as measured", .agent, .asMeasured, passes: 2),
            try float.map { try reader(Self.floatName, .agent, .motion, passes: 2, float: $0) },
            try reader("random weights, same reader", .control, .motion, passes: 2),
            try reader("random weights, state carried", .control, .motion, carriesState: true),
            try reader("levels and scales alone", .control, .motion, readsEmbeddings: false, passes: 2),
            HandMadeReader(name: "hand-made features", addsMotion: true),
            HandMadeReader(name: "hand-made features, channels as measured", addsMotion: false),
        ]
        return readers.compactMap { $0 }
    }

    private func plainReaders() throws -> [any WindowReader] {
        let name = "sedge, \(encoder.bundle.name)"
        let readers: [(any WindowReader)?] = [
            try reader(name, .agent, .asMeasured, passes: 2),
            try reader("\(name), each window read once", .agent, .asMeasured),
            try float.map { try reader(Self.floatName, .agent, .asMeasured, passes: 2, float: $0) },
            try reader("random weights, same reader", .control, .asMeasured, passes: 2),
            try reader("levels and scales alone", .control, .asMeasured, readsEmbeddings: false, passes: 2),
            HandMadeReader(name: "hand-made features", addsMotion: false),
        ]
        return readers.compactMap { $0 }
    }

    /// What int8 loses of float32's accuracy, a task by itself, with its interval; none where float was not read.
    private func loss(
        of readers: [LeaveOneOutRun.Reader], _ confusions: [[ConfusionMatrix]], _ tasks: String
    ) -> [ResultTable] {
        guard let embedder = float, let float = readers.firstIndex(where: { $0.name == Self.floatName }) else {
            return []
        }
        let losses = zip(confusions[0], confusions[float]).compactMap { int8, float in
            float.accuracy > 0 ? 1 - int8.accuracy / float.accuracy : nil
        }
        guard let difference = PairedDifference(losses) else { return [] }
        return [
            ResultTable(
                title: "int8 against float32, \(tasks): relative loss of accuracy",
                columns: [.init("mean", decimals: 4), .init("95 % from", decimals: 4), .init("to", decimals: 4)],
                rows: [
                    .init(
                        readers[0].name, .agent,
                        [difference.mean, difference.interval.lowerBound, difference.interval.upperBound])
                ],
                notes: [
                    "Paired: the same windows, each reader with a linear model of its own; bootstrap over \(tasks).",
                    embedder.note,
                ])
        ]
    }

    /// The row that says what int8 costs.
    private static let floatName = "float32 weights, same reader"

    /// - Parameter kind: a control reads with random weights, unless it does not read embeddings.
    private func reader(
        _ name: String, _ kind: ResultTable.Kind, _ channels: EmbeddingReader.Channels, carriesState: Bool = false,
        readsEmbeddings: Bool = true, passes: Int = 1, float: FloatEmbedder? = nil
    ) throws -> EmbeddingReader {
        try EmbeddingReader(
            name: name, kind: kind, bundle: kind == .control ? encoder.twin : encoder.bundle, kernels: encoder.kernels,
            channels: channels, carriesState: carriesState, readsEmbeddings: readsEmbeddings, passes: passes,
            float: float)
    }
}
