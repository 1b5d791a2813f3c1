import Agent
import ArgumentParser
import Evaluation
import FoundationEssentials
import Inference
import SedgeCore

/// `sedge eval`: the agent on public benchmarks, beside baselines and published figures.
struct EvalCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "eval",
        abstract: "Measure the agent on labelled data, beside baselines of the same run and published figures.",
        discussion: """
            Sends every series through the agent's own pipeline, streaming, int8 and without looking ahead, and through \
            baselines and controls; prints tables in Markdown. What each set's protocol is, and what is chosen on \
            labels, stands under its tables and in docs/concepts/evaluation.md. No data comes with Sedge.

            EXAMPLES
              sedge eval nab --data ~/data
              sedge eval skab --data ~/data/skab --svg skab.svg
              sedge eval csv pump.csv --label anomaly
              sedge eval alarms --weeks 20
            """)

    @Argument(help: "The set: \(EvaluationSet.allCases.map(\.rawValue).joined(separator: ", ")).")
    var set: EvaluationSet

    @Argument(help: "With csv: the file.")
    var file: String?

    @Option(help: ArgumentHelp("The set's folder, or one that holds it (default: SEDGE_DATA).", valueName: "folder"))
    var data: String?

    @Option(help: ArgumentHelp("With csv: the column that is 1 where something is wrong.", valueName: "column"))
    var label: String?

    @Option(help: ArgumentHelp("The encoder: a shipped bundle's name or a path.", valueName: "bundle"))
    var bundle = "sensor-base"

    @Option(
        help: ArgumentHelp(
            "With har and ucr: the checkpoint or float encoder that the bundle was quantized from, to see what int8 costs.",
            valueName: "file"))
    var float: String?

    @Option(help: "Threads, over the series (default: one a processor).")
    var threads: Int?

    @Option(help: ArgumentHelp("So many series only, evenly spread over all.", valueName: "count"))
    var limit: Int?

    @Option(help: ArgumentHelp("With alarms: weeks of each made-up stream.", valueName: "count"))
    var weeks = 20

    @Option(help: "Samples a step of the agent.")
    var hop = 1

    @Flag(help: "With rows for the agent without adaptation and with retraining (tier 2).")
    var tiers = false

    @Option(help: ArgumentHelp("Write every figure to this CSV file.", valueName: "file"))
    var csv: String?

    @Option(help: ArgumentHelp("Draw bars, series, scores, truth and alarms into this file.", valueName: "file"))
    var svg: String?

    @Flag(help: "Print the tables as JSON.")
    var json = false

    @Flag(help: "Print the tables with a line a series too.")
    var details = false

    func validate() throws {
        if let threads, !(1...256).contains(threads) {
            throw ValidationError("--threads is \(threads), expected 1 to 256")
        }
        if let limit, limit < 1 { throw ValidationError("--limit is \(limit), expected 1 or more") }
        if !(1...1000).contains(weeks) { throw ValidationError("--weeks is \(weeks), expected 1 to 1000") }
        if !(1...1024).contains(hop) { throw ValidationError("--hop is \(hop), expected 1 to 1024") }
        if float != nil, set != .har, set != .ucr { throw ValidationError("--float belongs to har and ucr alone") }
        if set == .csv {
            guard file != nil, label != nil, data == nil else {
                throw ValidationError("csv needs a file and --label, and no --data")
            }
        } else if file != nil || label != nil {
            throw ValidationError("a file and --label belong to csv alone")
        }
    }

    func run() throws {
        let report: EvaluationReport
        do {
            report = try evaluate()
        } catch let error as EvaluationError {
            throw Failure(.data, error.description)
        }
        if let csv { try FileBytes.write(Array(CSVWriter.text(report).utf8), to: csv) }
        if let svg { try FileBytes.write(Array(SVGWriter.text(report).utf8), to: svg) }
        Terminal.writeOutput(
            json
                ? String(decoding: PayloadJSON.encode(report), as: UTF8.self) + "\n"
                : MarkdownWriter.text(report, allTables: details))
    }

    private func evaluate() throws -> EvaluationReport {
        let encoder = try EvaluatedEncoder(bundle)
        let threads = threads ?? ProcessInfo.processInfo.activeProcessorCount
        let evaluation = DetectionEvaluation(encoder: encoder, hop: hop, threads: threads, limit: limit, tiers: tiers)
        let windows = WindowEvaluation(
            encoder: encoder, threads: threads, limit: limit,
            float: try float.map { try FloatEmbedder($0, bundle: encoder.bundle) })
        switch set {
        case .nab: return try evaluation.nab(NABFolder(folder()))
        case .skab: return try evaluation.skab(SKABFolder(folder()).series())
        case .smap: return try evaluation.smap(SMAPFolder(folder()).series())
        case .asd: return try evaluation.asd(ASDFolder(folder()).series())
        case .tep: return try evaluation.tep(TEPFolder(folder()).series())
        case .har: return try windows.har(HARFolder(folder()))
        case .person:
            return try PersonalEvaluation(encoder: encoder, threads: threads, limit: limit).report(HARFolder(folder()))
        case .ucr: return try windows.ucr(UCRFolder(folder()))
        case .tssb: return try evaluation.tssb(TSSBFolder(folder()).series())
        case .ett:
            return try ForecastEvaluation(encoder: encoder, threads: threads, limit: limit).ett(ETTFolder(folder()))
        case .csv: return try evaluation.csv(labelledFile())
        case .alarms: return try evaluation.alarms(weeks: weeks)
        }
    }

    private func folder() throws -> DataFolder {
        guard let path = data ?? Terminal.environment("SEDGE_DATA") else {
            throw Failure(.usage, "found neither --data nor SEDGE_DATA, expected the folder of the data sets")
        }
        return try DataFolder(path, set: set.folder)
    }

    private func labelledFile() throws -> DetectionSeries {
        let (file, label) = (file!, label!)
        let recording = try RecordingFile.read(file, selection: ColumnSelection(labels: [label]))
        return try LabelledRecording(recording, label: label, file: file).series(
            name: file.split(separator: "/").last.map(String.init) ?? file,
            trainingRows: recording.rowCount * 15 / 100, interval: 1)
    }
}
