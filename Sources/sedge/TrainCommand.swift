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
            Learns from generated sensor signals, and from recordings where --data names some (CSV or NPY; a column a \
            series, labels and times left out). The run folder holds log.jsonl and checkpoint; a run that was \
            interrupted goes on with --resume to the same weights. The same seed, steps, recordings and threads give \
            the same bundle on the same kind of processor.

            EXAMPLES
              sedge train --steps 4000 --out sensor-base.safetensors
              sedge train --minutes 10 --data recordings/ --data-licence CC-BY-4.0 --out plant.safetensors
              sedge train --resume --out plant.safetensors
            """)

    @Option(help: ArgumentHelp("The bundle to write.", valueName: "file"))
    var out: String

    @Option(help: "The bundle's name (default: from the file's name).")
    var name: String?

    @Option(help: "The bundle's version.")
    var bundleVersion = "1.0.0"

    @Option(help: "The network: \(NetworkSize.allCases.map(\.rawValue).joined(separator: " or ")).")
    var size: NetworkSize?

    @Option(help: "Training steps (default: 1000).")
    var steps: Int?

    @Option(help: "Instead of --steps: as many as fit in so many minutes, judged by the first few.")
    var minutes: Double?

    @Option(help: "Where all randomness comes from (default: 1).")
    var seed: UInt64?

    @Option(help: "Threads for matrix products.")
    var threads = 1

    @Option(
        name: .customLong("data"),
        help: ArgumentHelp("A recording, or a folder of them; may be repeated.", valueName: "file or folder"))
    var data: [String] = []

    @Option(help: ArgumentHelp("Licence of the recordings, for the bundle.", valueName: "licence"))
    var dataLicence: String?

    @Option(help: ArgumentHelp("Where log and checkpoint go (default: runs/NAME).", valueName: "folder"))
    var runFolder: String?

    @Flag(help: "Go on from the run folder's checkpoint.")
    var resume = false

    func validate() throws {
        if let steps, !(1...10_000_000).contains(steps) {
            throw ValidationError("--steps is \(steps), expected 1 to 10000000")
        }
        if let minutes, !(minutes > 0 && minutes <= 100_000) {
            throw ValidationError("--minutes is \(minutes), expected a number above 0")
        }
        if steps != nil && minutes != nil { throw ValidationError("--steps and --minutes exclude each other") }
        if !(1...256).contains(threads) { throw ValidationError("--threads is \(threads), expected 1 to 256") }
        if data.isEmpty != (dataLicence == nil) {
            throw ValidationError("--data and --data-licence need each other: the bundle names its data's licence")
        }
        if resume && (steps != nil || minutes != nil || seed != nil || size != nil) {
            throw ValidationError("--resume goes on as the run began: leave out --steps, --minutes, --seed and --size")
        }
        guard BundleName.isValid(bundleName), BundleName.isValid(bundleVersion) else {
            throw ValidationError(
                "bundle is called '\(bundleName)' '\(bundleVersion)', expected 1 to 64 of A-Z a-z 0-9 . _ - in each")
        }
    }

    private var bundleName: String { name ?? StreamName.fromFile(out) }

    func run() throws {
        TrainingMemory.keepFreed()
        try checkOutput()
        let gemm = BLASMatrixMultiply(threads: threads)
        let recordings = try TrainingRecordings.read(data)
        let folder = try RunFolder(runFolder ?? "runs/\(bundleName)")
        Interruption.watch()
        let began = resume ? try folder.restore(recordings) : try fresh(recordings, gemm)
        var session = TrainingSession(run: began, folder: folder, resumes: resume, gemm: gemm)
        guard try session.train() else {
            Terminal.writeOutput("stopped at step \(session.run.step) of \(session.run.configuration.steps); ")
            Terminal.writeOutput("go on with --resume\n")
            return
        }
        try write(session.run, recordings: recordings.training.count, gemm)
    }

    /// Before anything is trained: hours may lie between this and the first byte written.
    private func checkOutput() throws(Failure) {
        let folder = out.contains("/") ? String(out[..<out.lastIndex(of: "/")!]) : "."
        guard FileManager.default.isWritableFile(atPath: folder.isEmpty ? "/" : folder) else {
            throw Failure(.io, "cannot write \(out): \(folder) is no folder that can be written to")
        }
    }

    private func fresh(_ data: TrainingData, _ gemm: BLASMatrixMultiply) throws -> PretrainingRun {
        var configuration = PretrainingConfiguration()
        configuration.shape = (size ?? .tcn64).shape
        configuration.seed = seed ?? 1
        configuration.steps = steps ?? 1000
        if let minutes {
            configuration.steps = Self.steps(
                in: minutes, PretrainingRun(configuration, data: data), gemm)
            Terminal.writeOutput("\(minutes) minutes are --steps \(configuration.steps) at the speed of the first\n")
        }
        return PretrainingRun(configuration, data: data)
    }

    /// Steps that fit in a time, by trying some on a run that is then thrown away.
    private static func steps(in minutes: Double, _ run: PretrainingRun, _ gemm: BLASMatrixMultiply) -> Int {
        var trial = run
        for _ in 0..<2 { _ = trial.advance(using: gemm) }
        let began = SystemTime.monotonicNanoseconds()
        for _ in 0..<8 { _ = trial.advance(using: gemm) }
        let seconds = Double(SystemTime.monotonicNanoseconds() - began) * 1e-9 / 8
        return max(1, min(10_000_000, Int(minutes * 60 / seconds)))
    }

    private func write(_ run: PretrainingRun, recordings: Int, _ gemm: BLASMatrixMultiply) throws {
        var provenance = ["data": "generated sensor signals (SignalGenerator)", "threads": String(threads)]
        var licence = "generated signals, no third-party data: CC0-1.0"
        if let dataLicence {
            provenance["data"]! += " and \(recordings) recorded series"
            licence = "recordings: \(dataLicence); generated signals: CC0-1.0"
        }
        provenance["command"] = command(run.configuration)
        let builder = BundleBuilder(
            name: bundleName, version: bundleVersion, dataLicence: licence, provenance: provenance)
        do {
            let (bundle, report) = try builder.build(run, using: gemm)
            try bundle.selfTest()
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
        var words = ["sedge train --steps \(configuration.steps) --seed \(configuration.seed) --threads \(threads)"]
        if let size = NetworkSize(configuration.shape) { words.append("--size \(size.rawValue)") }
        words.append("--name \(bundleName) --bundle-version \(bundleVersion)")
        if let dataLicence { words.append("--data … --data-licence '\(dataLicence)'") }
        return words.joined(separator: " ")
    }
}

/// The networks that can be trained from the command line.
enum NetworkSize: String, CaseIterable, ExpressibleByArgument {
    case tcn64, tcn32

    var shape: NetworkShape {
        switch self {
        case .tcn64: .tcn64
        case .tcn32: .tcn32
        }
    }

    init?(_ shape: NetworkShape) {
        guard let size = Self.allCases.first(where: { $0.shape == shape }) else { return nil }
        self = size
    }
}

/// What a bundle may be called; `docs/bundle.md`.
enum BundleName {
    static func isValid(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}
