import Adaptation
import Inference
import Logging
import SedgeCore
import Store
import Synchronization
import TestSupport

@testable import Agent

/// A pipeline with tier 2 over a real database, as the agent runs it, but for the clock: so many slices of training a
/// step. What it says is committed as it comes, with the checkpoint that belongs to it.
final class Tier2Stage {
    let test: PipelineUnderTest
    let writer: StoreWriter
    let file: String
    private let shapes: Int
    private var step: Int
    private var committed = 0

    static let stream = try! StreamID("s")
    static let bundle = try! ModelBundle.random(
        architecture: TCNArchitecture(mode: .independent, patch: 8, channels: 16, blocks: 3, embedding: 12), seed: 21)
    static let json =
        #"{"topic":"t","id":"s","channels":{"x":"$.x[*]"},"time":"$.ts","reorder_window_ms":0,"rate_hz":8,"hop":8}"#

    /// Rounds that come early.
    static var settings: Tier2Settings {
        var settings = Tier2Settings()
        (settings.segmentGap, settings.quarantineSteps, settings.roundSteps) = (0, 24, 400)
        (settings.segmentsPerStream, settings.trainingSteps, settings.probationSteps) = (64, 160, 640)
        settings.watchSteps = 1280
        return settings
    }

    /// - Parameters:
    ///   - file: the database; one that exists is gone on with, as after a restart.
    ///   - step: where the signal goes on.
    ///   - slices: of training for each step; 0: none.
    ///   - shapes: of the signal, in turn. Two of them make retraining worth while.
    ///   - runner: in the place of one that trains.
    init(
        _ file: String, step: Int = 0, slices: Double = 4, settings: Tier2Settings = Tier2Stage.settings,
        shapes: Int = 1, runner: (any RoundRunner)? = nil
    ) throws {
        let opened = try Store.open(
            at: file, options: StoreOptions(node: try NodeID("n"), bootID: "b\(step)"), now: Self.time(step))
        let (checkpoints, feedback) = (try opened.store.loadCheckpoints().checkpoints, try opened.store.feedback())
        writer = StoreWriter(opened.store)
        self.file = file
        self.step = step
        self.shapes = shapes
        test = try PipelineUnderTest(
            Self.json, checkpoints: checkpoints, mqtt: #"{"state_interval_ms":0}"#, feedback: feedback,
            bundle: Self.bundle)
        let source = StageSource(
            writer: writer, runner: runner ?? SteppedRunner(slicesPerStep: slices), settings: settings,
            log: test.pipeline.log)
        for model in test.pipeline.models.all {
            model.tier2 = source.make(for: model, Self.bundle, test.pipeline.configuration.adaptation)
        }
    }

    static func time(_ step: Int) -> Timestamp { Timestamp(milliseconds: 1_800_000_000_000 + Int64(step) * 1000) }

    var tier2: Tier2 { test.pipeline.models.standard.tier2! }
    var decisions: [Insight] { insights.filter { $0.kind == .adaptation } }
    var insights: [Insight] { test.outlet.insights.withLock { $0 } }
    var alarms: Int { insights.count { $0.kind == .anomaly && $0.phase == .start } }
    var scores: [Double?] { test.outlet.states.withLock { $0.map(\.score) } }

    /// Lets the stream go on for so many steps, or until `body` has seen enough; higher by `offset` than it is by nature.
    func run(_ steps: Int, offset: Double = 0, until isEnough: () -> Bool = { false }) throws {
        for _ in 0..<steps {
            test.receive(Self.payload(step, shapes: shapes, offset: offset), arrival: Self.time(step))
            step += 1
            test.pipeline.adaptInIdleTime(steps: 1)
            try commit()
            if isEnough() { return }
        }
    }

    /// As the agent saves now and then.
    func save() throws {
        test.pipeline.flushReplay()
        let checkpoints = test.pipeline.checkpoints(includingLanes: true)
        let now = Self.time(step)
        _ = try writer.sync { try $0.saveCheckpoints(checkpoints, at: now, isUrgent: true) }
    }

    /// What a power cut leaves: the files as they are now.
    func cut(to file: String) throws {
        let from = self.file
        try writer.sync { _ in try Self.copy(from, to: file) }
    }

    /// A database with its companions.
    static func copy(_ from: String, to file: String) throws {
        for suffix in ["", "-wal", ".floor"] {
            if let bytes = try? TestFile.read(from + suffix) { try TestFile.write(bytes, to: file + suffix) }
        }
    }

    var nextStep: Int { step }

    private func commit() throws {
        let said = test.outlet.insights.withLock { Array($0[committed...]) }
        guard !said.isEmpty else { return }
        committed += said.count
        let checkpoints = test.outlet.checkpoints.withLock { checkpoints in
            defer { checkpoints.removeAll() }
            return checkpoints
        }
        _ = try writer.sync { try $0.commit(said, connected: true, checkpoints: checkpoints).count }
    }

    /// A second of a triangle with noise; where there are two shapes, of a triangle and a sawtooth in turn.
    private static func payload(_ step: Int, shapes: Int, offset: Double) -> String {
        var random = SeededRandom(seed: UInt64(step) &* 977 &+ 5)
        let values = (0..<8).map { index in
            let phase = (Double(step * 8 + index) / 37).truncatingRemainder(dividingBy: 1)
            let shape = step / 40 % shapes == 0 ? 4 * abs(phase - 0.5) - 1 : 2 * phase - 1
            return offset + 1.5 * shape + 0.2 * (random.uniform() - 0.5)
        }
        let list = values.map { "\($0)" }.joined(separator: ",")
        return #"{"ts":\#(time(step).milliseconds),"x":[\#(list)]}"#
    }
}

/// The agent's source, but for the runner and the settings.
private final class StageSource: Tier2Source {
    private let writer: StoreWriter
    private let runner: any RoundRunner
    private let settings: Tier2Settings
    private let log: Logger

    init(writer: StoreWriter, runner: any RoundRunner, settings: Tier2Settings, log: Logger) {
        self.writer = writer
        self.runner = runner
        self.settings = settings
        self.log = log
    }

    func make(for model: PipelineModel, _ bundle: ModelBundle, _ configuration: AdaptationConfiguration) -> Tier2 {
        let name = model.name
        let architecture = bundle.architecture
        let places = ((try? writer.sync { try $0.replayPlaces(model: name) }) ?? []).reduce(into: [:]) {
            (places: inout [StreamID: [ReplayCoverage.Place]], piece) in
            places[piece.stream, default: []].append(
                ReplayCoverage.Place(slot: piece.slot, group: piece.coverage, seen: piece.seen))
        }
        return Tier2(
            bundle: bundle, kernels: .scalar, scope: .stream, settings: settings,
            shelf: StoreShelf(
                writer: writer, model: name, tapBytes: architecture.tapBytes, patch: architecture.patch),
            runner: runner, places: places, seed: 1, log: log)
    }

    func follow(_ settings: AdaptationConfiguration) {}
    func stop() {}
}
