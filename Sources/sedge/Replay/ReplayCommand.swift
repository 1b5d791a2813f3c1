import ArgumentParser
import SedgeCore

/// `sedge replay`: recordings as if their sensors were here.
struct ReplayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Publish recordings (CSV, NPY) as sensor messages.",
        discussion: """
            One JSON message a row, {"ts": milliseconds, "channel": value, …}. CSV needs a header line; its separator
            is a comma, a semicolon or a tab. NPY holds float32, float64 or uint8 in one or two dimensions; its
            columns are called c0, c1, …, a single one value. Values that are missing are left out. Files of different
            streams are played together, files of one stream one after the other.

            EXAMPLES
              sedge replay valve1/1.csv --stream valve --speed 60
              sedge replay machine_temperature_system_failure.csv --speed max --retime now
              sedge replay pump.csv --column 'Volume Flow RateRMS=flow' --labels anomaly --labels-file truth.csv
              sedge replay load.npy --loop --speed max --retime sent --limit 100000 --json
            """)

    @Argument(help: "The recordings.")
    var files: [String]

    @OptionGroup(title: "Broker") var broker: BrokerOptions
    @OptionGroup(title: "Publishing") var publishing: PublishOptions

    @Option(help: ArgumentHelp("Multiples of the recording's speed, or max.", valueName: "factor"))
    var speed = Pace.speed(1)

    @Option(help: ArgumentHelp("Messages a second, instead of --speed.", valueName: "messages/s"))
    var rate: Double?

    @Option(help: "The topic; {stream} becomes the stream's name.")
    var topic = "plant/{stream}/sensors"

    @Option(help: "The stream's name (default: from the file's name).")
    var stream: String?

    @Option(
        name: .customLong("column"),
        help: ArgumentHelp(
            "Publish this column, as this channel; may be repeated (default: all numeric ones).",
            valueName: "name[=channel]"))
    var columns: [ColumnMapping] = []

    @Option(help: ArgumentHelp("The column of times (default: the first that looks like it).", valueName: "column"))
    var time: String?

    @Option(help: ArgumentHelp("Seconds between two rows where the file has no times.", valueName: "seconds"))
    var interval = 1.0

    @Option(
        help: ArgumentHelp(
            "Columns that are labels and not published, separated by commas (default: anomaly, changepoint, label).",
            valueName: "columns"))
    var labels: String?

    @Option(
        help: ArgumentHelp(
            "Write the labels with the published times to this CSV file; {stream} becomes the stream's name.",
            valueName: "file"))
    var labelsFile: String?

    @Option(
        help: ArgumentHelp(
            """
            The samples' times: original; now, shifted so that the last one is sent at its time; sent, the time of \
            sending.
            """, valueName: "times"))
    var retime = ReplayTimes.original

    @Option(help: "End after so many messages.")
    var limit: Int?

    @Flag(help: "Begin again at the end, with times going on.")
    var loop = false

    func validate() throws {
        if let rate, !(rate > 0 && rate <= 1e9) {
            throw ValidationError("--rate is \(rate), expected a number of messages a second above 0")
        }
        if rate != nil, speed != .speed(1) { throw ValidationError("--rate and --speed exclude each other") }
        if !(interval > 0 && interval <= 1e9) {
            throw ValidationError("--interval is \(interval), expected a number of seconds above 0")
        }
        if let limit, limit < 1 { throw ValidationError("--limit is \(limit), expected 1 or more") }
        if let stream { try StreamName.check(stream, option: "--stream") }
        if topic.isEmpty || topic.contains(where: { $0 == "+" || $0 == "#" || $0 == "\0" }) {
            throw ValidationError("--topic is '\(topic)', expected a topic without wildcards")
        }
        if loop, limit == nil, retime == .now, pace.isFasterThanRealTime {
            throw ValidationError(
                "--loop --retime now needs --limit, or times would run into the future; or --retime sent")
        }
    }

    private var pace: Pace { rate.map { .rate($0) } ?? speed }

    func run() throws {
        let settings = try broker.settings()
        let (sources, skipped) = try readSources()
        let labelPath = try labelPath(for: sources)
        var replay = Replay(
            sources: sources, pace: pace, times: retime, interval: interval, now: SystemTime.now(), limit: limit,
            loops: loop, labelFile: labelPath)

        Interruption.watch()
        let publisher = Publisher(settings: settings, clientID: broker.clientID(for: "replay"), qos: publishing.qos)
        try publisher.connect(within: publishing.connectTimeout)
        let began = SystemTime.monotonicNanoseconds()
        var progress = ProgressReport(total: replay.rowCount ?? 0, now: began, interval: 200_000_000)
        let done = replay.run(into: publisher, began: began, now: SystemTime.now()) { done, now in
            progress.update(done: done, now: now)
        }
        progress.finish()
        for file in replay.labelFiles.values { try file.write() }
        defer { publisher.disconnect() }
        try publisher.settle(within: 30)
        let elapsed = Double(SystemTime.monotonicNanoseconds() - began) * 1e-9
        RunSummary(
            messages: done, skipped: skipped, seconds: elapsed, acknowledged: publisher.acknowledged,
            streams: replay.streamCount
        ).report(asJSON: publishing.json)
    }

    /// All of them are read before anything is sent.
    private func readSources() throws -> (sources: [Replay.Source], skipped: Int) {
        let selection = ColumnSelection(
            channels: columns, time: time, labels: labels.map { $0.split(separator: ",").map(String.init) })
        var skipped = 0
        let sources = try files.map { path in
            do {
                let (recording, dropped) = try RecordingFile.read(path, selection: selection).droppingEmptyRows()
                skipped += dropped
                guard recording.rowCount > 0 else {
                    throw Failure(.data, "\(path): every value of every row is missing")
                }
                let name = stream ?? StreamName.fromFile(path)
                return Replay.Source(
                    recording: recording, stream: name, topic: StreamName.filled(topic, with: name))
            } catch let error as RecordingError {
                throw Failure(.data, error.description)
            }
        }
        return (sources, skipped)
    }

    private func labelPath(for sources: [Replay.Source]) throws -> (String) -> String? {
        guard let labelsFile else { return { _ in nil } }
        for source in sources where source.recording.labels.isEmpty {
            throw Failure(
                .usage, "--labels-file is given, but \(source.stream) has no label column; name it with --labels")
        }
        var columns: [String: [String]] = [:]
        for source in sources {
            let (found, expected) = (source.recording.labels, columns[source.stream] ?? source.recording.labels)
            guard found == expected else {
                throw Failure(
                    .data,
                    "files of \(source.stream) differ in their label columns: found \(found.joined(separator: ", ")), "
                        + "expected \(expected.joined(separator: ", "))")
            }
            columns[source.stream] = expected
        }
        let streams = Set(columns.keys)
        guard streams.count == 1 || labelsFile.contains("{stream}") else {
            throw Failure(.usage, "--labels-file needs {stream} in its name: there are \(streams.count) streams")
        }
        return { StreamName.filled(labelsFile, with: $0) }
    }
}

extension ColumnMapping: ExpressibleByArgument {
    /// `column`, or `column=channel`; a column's name may contain `=`, a channel's not.
    init?(argument: String) {
        guard let equals = argument.lastIndex(of: "=") else {
            guard !argument.isEmpty else { return nil }
            self.init(column: argument, channel: argument)
            return
        }
        let channel = String(argument[argument.index(after: equals)...])
        guard equals > argument.startIndex, !channel.isEmpty else { return nil }
        self.init(column: String(argument[..<equals]), channel: channel)
    }
}
