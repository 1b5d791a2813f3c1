import ArgumentParser
import Training

/// Which recordings a run learns from, and how they are read.
struct RecordingOptions: ParsableArguments {
    @Option(
        name: .customLong("data"),
        help: ArgumentHelp(
            "A recording (CSV, NPY, JSON lines, SQLite) or a folder of them; may be repeated.",
            valueName: "file or folder"))
    var data: [String] = []

    @Option(help: ArgumentHelp("Licence of the recordings, for the bundle.", valueName: "licence"))
    var dataLicence: String?

    @Option(
        name: .customLong("labels"),
        help: ArgumentHelp(
            "The column that names a row's class: for the quick probe, and for --task labels.", valueName: "column"))
    var labels: String?

    @Option(
        help: ArgumentHelp(
            "Samples a second that recordings with times are brought to, as the agent would.", valueName: "Hz"))
    var rate: Double?

    @Option(help: ArgumentHelp("The table of an SQLite database that has several.", valueName: "name"))
    var table: String?

    @Option(
        help: ArgumentHelp(
            "independent: one encoder for any channel; joint: one for just these channels together.",
            valueName: "mode"))
    var mode = ChannelMode.independent

    @Option(help: "robust: level and scale are followed on each stream; fixed: taken from the recordings.")
    var normalisation = NormalisationKind.robust

    @Option(help: "Share of generated series beside recordings, 0 to 1 (default: 0.5).")
    var generatedShare: Double?

    enum ChannelMode: String, CaseIterable, ExpressibleByArgument {
        case independent, joint
    }

    enum NormalisationKind: String, CaseIterable, ExpressibleByArgument {
        case robust, fixed
    }

    func validate() throws {
        if data.isEmpty != (dataLicence == nil) {
            throw ValidationError("--data and --data-licence need each other: the bundle names its data's licence")
        }
        if let rate, !(1e-6...1e6).contains(rate) {
            throw ValidationError("--rate is \(rate), expected 0.000001 to 1000000 Hz")
        }
        if let generatedShare, !(0...1).contains(generatedShare) {
            throw ValidationError("--generated-share is \(generatedShare), expected 0 to 1")
        }
        guard data.isEmpty else { return }
        if labels != nil || rate != nil || table != nil || generatedShare != nil {
            throw ValidationError("--labels, --rate, --table and --generated-share need --data")
        }
        if mode == .joint || normalisation == .fixed {
            throw ValidationError("--mode joint and --normalisation fixed need --data")
        }
    }

    /// Refused beside --resume: a checkpoint brings its own. Recordings themselves have to be given again, read alike.
    var decidesTheRun: Bool { normalisation == .fixed || generatedShare != nil }
}
