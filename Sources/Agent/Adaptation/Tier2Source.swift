import Adaptation
import Inference
import Logging
import SedgeCore
import Store

/// Makes tier 2 for a model, in the agent or in an evaluation.
protocol Tier2Source: AnyObject {
    /// - Parameter bundle: the model's.
    func make(for model: PipelineModel, _ bundle: ModelBundle, _ settings: AdaptationConfiguration) -> Tier2
    /// The configuration that holds from now on.
    func follow(_ settings: AdaptationConfiguration)
    /// No training after this.
    func stop()
}

/// As the agent runs it: replay in the store, and one thread that trains for all models within one budget.
final class StoreTier2Source: Tier2Source {
    private let writer: StoreWriter
    private let log: Logger
    private var random: SeededRandom
    private var runner: BackgroundRunner?

    /// - Parameter models: fingerprints of all that are in use: frames of other encoders are of no use any more.
    init(writer: StoreWriter, models: [String], seed: UInt64, log: Logger) {
        self.writer = writer
        self.log = log
        random = SeededRandom(seed: seed)
        writer.perform { _ = try? $0.deleteReplay(exceptModels: Set(models)) }
    }

    func make(for model: PipelineModel, _ bundle: ModelBundle, _ settings: AdaptationConfiguration) -> Tier2 {
        let name = model.name
        var places: [StreamID: [ReplayCoverage.Place]] = [:]
        do {
            for piece in try writer.sync({ try $0.replayPlaces(model: name) }) {
                places[piece.stream, default: []].append(
                    ReplayCoverage.Place(slot: piece.slot, group: piece.coverage, seen: piece.seen))
            }
        } catch {
            log.warning("replay starts afresh", metadata: ["reason": "\(error)"])
            places = [:]
        }
        let architecture = bundle.architecture
        let runner = runner ?? BackgroundRunner(percent: settings.cpuBudgetPercent)
        self.runner = runner
        return Tier2(
            bundle: bundle, kernels: model.encoder.kernels, scope: settings.scope,
            shelf: StoreShelf(
                writer: writer, model: name, tapBytes: architecture.tapBytes, patch: architecture.patch),
            runner: runner, places: places, seed: random.next(), log: log)
    }

    func follow(_ settings: AdaptationConfiguration) {
        guard settings.tier2, settings.enabled else { return stop() }
        runner?.percent = settings.cpuBudgetPercent
    }

    func stop() { runner.take()?.stop() }
}

/// As an evaluation runs it: replay in memory, and so many slices of training for every message.
final class SteppedTier2Source: Tier2Source {
    private let slicesPerStep: Double
    private let settings: Tier2Settings
    private let seed: UInt64
    private let log: Logger

    init(slicesPerStep: Double, settings: Tier2Settings = Tier2Settings(), seed: UInt64, log: Logger) {
        self.slicesPerStep = slicesPerStep
        self.settings = settings
        self.seed = seed
        self.log = log
    }

    func make(for model: PipelineModel, _ bundle: ModelBundle, _ configuration: AdaptationConfiguration) -> Tier2 {
        Tier2(
            bundle: bundle, kernels: model.encoder.kernels, scope: configuration.scope,
            settings: settings, shelf: MemoryShelf(), runner: SteppedRunner(slicesPerStep: slicesPerStep), seed: seed,
            log: log)
    }

    func follow(_ settings: AdaptationConfiguration) {}
    func stop() {}
}
