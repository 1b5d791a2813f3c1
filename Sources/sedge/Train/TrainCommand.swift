import ArgumentParser
import FoundationEssentials
import Inference
import Learning
import SedgeCore
import Training

/// `sedge train`: an int8 encoder bundle from nothing.
struct TrainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train",
        abstract: "Pretrain an encoder without labels and write its int8 bundle.",
        discussion: """
            Learns from generated sensor signals, and from recordings where --data names some. A tenth of the \
            recordings is held out; the run looks at it now and then, ends when it no longer becomes better, and keeps \
            the best weights. The run folder holds log.jsonl, curve.svg and checkpoint; a run that was interrupted or \
            killed goes on with --resume to the same weights. The same seed, steps, recordings and threads give the \
            same bundle on the same kind of processor.

            EXAMPLES
              sedge train --steps 4000 --out sensor-base.safetensors
              sedge train --minutes 10 --data recordings/ --data-licence CC-BY-4.0 --out plant.safetensors
              sedge train --minutes 60 --search 8 --data har.csv --labels activity --task forecast=1 --task labels=0.3 \
            --data-licence CC0-1.0 --out wearable.safetensors
              sedge train --resume --out sensor-base.safetensors
            """)

    @Option(help: ArgumentHelp("The bundle to write.", valueName: "file"))
    var out: String

    @Option(help: "The bundle's name (default: from the file's name).")
    var name: String?

    @Option(help: "The bundle's version.")
    var bundleVersion = "1.0.0"

    @OptionGroup var training: TrainingOptions
    @OptionGroup var recording: RecordingOptions

    @Option(help: "Threads for matrix products.")
    var threads = 1

    @Option(
        help: ArgumentHelp("Steps of quantization-aware fine-tuning at the end (default: none).", valueName: "steps"))
    var fineTune = 0

    @Option(help: ArgumentHelp("Where log and checkpoint go (default: runs/NAME).", valueName: "folder"))
    var runFolder: String?

    @Option(help: ArgumentHelp("Steps between checkpoints (default: every 30 s).", valueName: "steps"))
    var checkpointEvery: Int?

    @Flag(help: "Go on from the run folder's checkpoint.")
    var resume = false

    func validate() throws {
        if !(1...256).contains(threads) { throw ValidationError("--threads is \(threads), expected 1 to 256") }
        if !(0...1_000_000).contains(fineTune) {
            throw ValidationError("--fine-tune is \(fineTune), expected 0 to 1000000")
        }
        if let checkpointEvery, !(1...10_000_000).contains(checkpointEvery) {
            throw ValidationError("--checkpoint-every is \(checkpointEvery), expected 1 to 10000000")
        }
        if resume && (!training.isEmpty || recording.decidesTheRun) {
            throw ValidationError(
                "--resume goes on as the run began: leave out what decides it, as --steps, --minutes, --seed, --size")
        }
        try BundleName.check(bundleName, version: bundleVersion)
    }

    private var bundleName: String { name ?? StreamName.fromFile(out) }

    func run() throws {
        TrainingMemory.keepFreed()
        try checkOutput()
        let gemm = BLASMatrixMultiply(threads: threads)
        let folder = try RunFolder(runFolder ?? "runs/\(bundleName)")
        let data = recording.data.isEmpty ? .none : try TrainingRecordings(recording).read(recording.data)
        Interruption.watch()
        let run = resume ? try folder.restore(data) : try fresh(data, folder, gemm)
        var session = TrainingSession(
            run: run, data: data, folder: folder, resumes: resume, checkpointEvery: checkpointEvery, gemm: gemm)
        guard try session.train() else {
            Terminal.writeOutput("stopped at step \(session.run.step) of \(session.run.configuration.steps); ")
            Terminal.writeOutput("go on with --resume\n")
            return
        }
        try write(session.best, data: data, gemm)
    }

    /// Before anything is trained: hours may lie between this and the first byte written.
    private func checkOutput() throws(Failure) {
        var isFolder = false
        if FileManager.default.fileExists(atPath: out, isDirectory: &isFolder), isFolder {
            throw Failure(.io, "cannot write \(out): it is a folder")
        }
        // A device or a pipe has no say of its folder, nor has a link.
        let existing = (try? FileManager.default.attributesOfItem(atPath: out))?[.type] as? FileAttributeType
        if let existing, existing != .typeRegular { return }
        let folder = FilePath.folder(of: out)
        guard FileManager.default.isWritableFile(atPath: folder) else {
            throw Failure(.io, "cannot write \(out): \(folder) is no folder that can be written to")
        }
    }

    private func fresh(_ data: TrainingData, _ folder: RunFolder, _ gemm: BLASMatrixMultiply) throws -> PretrainingRun {
        var configuration = try configuration(data)
        guard let minutes = training.minutes else { return PretrainingRun(configuration, data: data) }
        var budget = minutes * 60
        if let count = training.search {
            let search = ConfigurationSearch(configuration, count: count, seconds: budget / 2, data: data)
            configuration = try search.best(log: folder, using: gemm)
            budget /= 2
        }
        configuration.steps = TrainingSpeed.steps(in: budget, configuration, data, gemm)
        Terminal.writeOutput("\(budget / 60) minutes are \(configuration.steps) steps at the speed of the first\n")
        return PretrainingRun(configuration, data: data)
    }

    private func configuration(_ data: TrainingData) throws -> PretrainingConfiguration {
        var configuration = PretrainingConfiguration()
        configuration.shape = (training.size ?? .tcn64).shape
        configuration.seed = training.seed ?? 1
        configuration.steps = training.steps ?? 1000
        configuration.tasks = try training.tasks()
        configuration.classes = data.classes.count
        guard configuration.tasks.labels == 0 || data.classes.count >= 2 else {
            throw Failure(.usage, "--task labels needs --data with --labels that names two classes or more")
        }
        configuration.peakRate = training.peakRate ?? configuration.peakRate
        configuration.watchEvery = training.watchEvery ?? 0
        configuration.patience = training.patience ?? configuration.patience
        if recording.mode == .joint { configuration.shape.inputs = data.training[0].channels.count }
        configuration.rows = training.rows ?? configuration.rows
        configuration.recipe.augmentation = try training.augmentation()
        configuration.recipe.generatedShare = recording.generatedShare ?? configuration.recipe.generatedShare
        if recording.normalisation == .fixed {
            let scales = data.scales(inputs: configuration.shape.inputs)
            configuration.recipe.fixedLevels = scales.map(\.level)
            configuration.recipe.fixedScales = scales.map(\.scale)
        }
        return configuration
    }

    /// `data` in the provenance of what has seen nothing else.
    static let generatedData = "generated sensor signals (SignalGenerator)"

    private func write(_ run: PretrainingRun, data: TrainingData, _ gemm: BLASMatrixMultiply) throws {
        var provenance = ["threads": String(threads)]
        let share = data.training.isEmpty ? 1 : run.configuration.recipe.generatedShare
        var sources = share > 0 ? [Self.generatedData] : []
        var licences = share > 0 ? ["generated signals, no third-party data: CC0-1.0"] : []
        if let licence = recording.dataLicence {
            sources.append("\(data.training.count) recorded series")
            licences = ["recordings: \(licence)"] + (share > 0 ? ["generated signals: CC0-1.0"] : [])
        }
        provenance["data"] = sources.joined(separator: " and ")
        provenance["command"] = command(run.configuration)
        var builder = BundleBuilder(
            name: bundleName, version: bundleVersion, dataLicence: licences.joined(separator: "; "),
            provenance: provenance)
        builder.plan.fineTuningSteps = fineTune
        do {
            let (bundle, report) = try builder.build(run, recordings: data.training, using: gemm)
            try bundle.selfTest()
            guard !report.int8.isCollapsed else {
                throw Failure(
                    .software,
                    "the embeddings have collapsed: effective rank \(report.int8.effectiveRank.shown) of "
                        + "\(report.int8.dimensions); \(out) is not written")
            }
            let bytes = bundle.serialized()
            try FileBytes.write(bytes, to: out)
            Terminal.writeOutput(report.table)
            Terminal.writeOutput("\(out): \(bundle.fingerprint), \(bytes.count) bytes\n")
        } catch let error as Failure {
            throw error
        } catch {
            throw Failure(.software, "the trained network makes no bundle: \(error)")
        }
    }

    /// What repeats the run; paths and folders of this machine are left out.
    private func command(_ configuration: PretrainingConfiguration) -> String {
        let usual = PretrainingConfiguration()
        var words = ["sedge train --steps \(configuration.steps) --seed \(configuration.seed) --threads \(threads)"]
        if let size = NetworkSize(configuration.shape) { words.append("--size \(size.rawValue)") }
        if configuration.tasks != usual.tasks {
            words += PretextTasks.names.filter { configuration.tasks[keyPath: $0.weight] > 0 }
                .map { "--task \($0.name)=\(configuration.tasks[keyPath: $0.weight])" }
        }
        let views = configuration.recipe.augmentation
        for known in Augmentation.names where known.get(views) != known.get(Augmentation()) {
            words.append("--augment \(known.name)=\(known.get(views))")
        }
        if configuration.peakRate != usual.peakRate { words.append("--peak-rate \(configuration.peakRate)") }
        if configuration.rows != usual.rows { words.append("--rows \(configuration.rows)") }
        if configuration.watchEvery != usual.watchEvery { words.append("--watch-every \(configuration.watchEvery)") }
        if configuration.patience != usual.patience { words.append("--patience \(configuration.patience)") }
        if fineTune > 0 { words.append("--fine-tune \(fineTune)") }
        words.append("--name \(bundleName) --bundle-version \(bundleVersion)")
        if let licence = recording.dataLicence { words.append("--data … --data-licence '\(licence)'") }
        if let labels = recording.labels { words.append("--labels \(labels)") }
        if let rate = recording.rate { words.append("--rate \(rate)") }
        if let share = recording.generatedShare { words.append("--generated-share \(share)") }
        if configuration.shape.inputs > 1 { words.append("--mode joint") }
        if !configuration.recipe.fixedLevels.isEmpty { words.append("--normalisation fixed") }
        return words.joined(separator: " ")
    }
}
