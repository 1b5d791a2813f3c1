import ArgumentParser
import SedgeCore
import Store

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// `sedge demo`: the whole agent in a minute, on real parts, with a fault that it has to find.
struct DemoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Watch an agent learn three streams and find a wearing bearing.",
        discussion: """
            Starts a private mosquitto on a free port of 127.0.0.1, sedged, and sedge simulate, all in a folder of
            their own, and shows what comes back from the broker. Ends with status 70 unless the fault was reported,
            nothing was reported before it, and the database holds what was learned.

            EXAMPLES
              sedge demo
              sedge demo --seconds 30 --keep /tmp/demo
            """)

    @Option(help: "How long it takes.")
    var seconds = 60.0

    @Option(help: "The agent (default: sedged beside this program).")
    var sedged: String?

    @Option(help: "The encoder's bundle: a shipped name or a path.")
    var bundle = "sensor-base"

    @Option(help: ArgumentHelp("Keep configuration, logs and database here.", valueName: "folder"))
    var keep: String?

    func validate() throws {
        guard (15...3600).contains(seconds) else {
            throw ValidationError("--seconds is \(seconds), expected 15 to 3600")
        }
    }

    func run() throws {
        Interruption.watch()
        let folder = try DemoFolder(keeping: keep)
        let script = DemoScript()
        let stage = try DemoStage(folder: folder.path, sedged: try agentPath(), bundle: bundle)
        try stage.startBroker()
        let watch = try DemoWatch(port: stage.port)
        defer { watch.stop() }
        let began = SystemTime.monotonicNanoseconds()
        try stage.startAgent()
        try wait(for: "the agent", stage: stage, seconds: 10) { watch.board.availability == "online" }
        let speed = script.speed(in: seconds)
        try stage.startSensors(speed: speed, script: script)
        let offset = elapsed(since: began)
        try show(stage, watch, began: began, faultAt: offset + script.faultAt / speed)

        let sensorStatus = stage.sensors?.stop(within: 2)
        usleep(300_000)
        let agentStatus = stage.agent?.stop(within: 10)
        let verdict = try judge(stage, watch.board, script)
        report(verdict, watch.board, folder.path)
        guard !Interruption.isRequested else { throw Failure(.software, "the demo was interrupted") }
        var problems = verdict.problems
        if agentStatus != 0 {
            problems.append("sedged ended with \(agentStatus.map { "\($0)" } ?? "no status in time")")
        }
        if sensorStatus != 0, let sensors = stage.sensors { problems.append("simulate failed: \(sensors.lastLine)") }
        guard problems.isEmpty else { throw Failure(.software, "the demo failed: " + problems.joined(separator: "; ")) }
    }

    /// Draws or prints until the time is up.
    private func show(_ stage: DemoStage, _ watch: DemoWatch, began: Int64, faultAt: Double) throws {
        var view = DemoView()
        var printed = 0
        var nextSummary = 5.0
        while elapsed(since: began) < seconds - 1, !Interruption.isRequested {
            usleep(100_000)
            if let status = stage.agent?.exitStatus() {
                throw Failure(.software, "sedged ended with \(status): \(stage.agent?.lastLine ?? "")")
            }
            let board = watch.board
            if Terminal.isInteractive {
                view.draw(board, elapsed: elapsed(since: began), total: seconds, faultAt: faultAt)
            } else {
                for event in board.events[printed...] {
                    Terminal.writeOutput("\(fixed(elapsed(since: began), 1)) s  \(DemoView.line(for: event))\n")
                }
                printed = board.events.count
                if elapsed(since: began) >= nextSummary {
                    Terminal.writeOutput("\(fixed(nextSummary, 1)) s  \(DemoView.summary(of: board))\n")
                    nextSummary += 5
                }
            }
        }
    }

    private func judge(_ stage: DemoStage, _ board: DemoBoard, _ script: DemoScript) throws -> DemoVerdict {
        let opened = try Store.open(
            at: stage.databasePath, options: StoreOptions(node: try NodeID("demo"), bootID: "demo"),
            now: SystemTime.now())
        defer { try? opened.store.close() }
        // The labels file: `pump-1,bearing-wear,<start>,<end>`.
        let truth = String(decoding: try FileBytes.read("\(stage.folder)/truth.csv", limit: 1 << 20), as: UTF8.self)
        let wear = truth.split(separator: "\n").map { $0.split(separator: ",") }.first { $0[1] == "bearing-wear" }
        guard let start = wear.flatMap({ Int64($0[2]) }) else {
            throw Failure(.software, "the simulation wrote down no fault")
        }
        return DemoVerdict(
            events: board.events, worn: script.worn, faultStart: start,
            insightsStored: try opened.store.insightCount(),
            checkpointsStored: try opened.store.loadCheckpoints().checkpoints.count)
    }

    private func report(_ verdict: DemoVerdict, _ board: DemoBoard, _ folder: String) {
        var lines = [""]
        lines.append(
            verdict.delay.map {
                "fault      reported \(fixed(Double($0) / 1000, 1)) s (of the pump's time) after it began"
            }
                ?? "fault      not reported")
        lines.append("before it  \(verdict.falseAlarms.count) anomalies")
        lines.append(
            "received   \(board.streams.values.reduce(0) { $0 + $1.updates }) states, \(board.events.count) insights")
        lines.append("database   \(verdict.insightsStored) insights, \(verdict.checkpointsStored) checkpoints")
        if keep != nil { lines.append("kept in    \(folder)") }
        let word =
            verdict.problems.isEmpty
            ? Terminal.coloured("demo passed", .green) : Terminal.coloured("demo failed", .red)
        Terminal.writeOutput((lines + [word]).joined(separator: "\n") + "\n")
    }

    private func wait(for what: String, stage: DemoStage, seconds: Double, _ condition: () -> Bool) throws {
        let start = SystemTime.monotonicNanoseconds()
        while !condition() {
            if let status = stage.agent?.exitStatus() {
                throw Failure(.software, "sedged ended with \(status): \(stage.agent?.lastLine ?? "")")
            }
            guard elapsed(since: start) < seconds else {
                throw Failure(
                    .unavailable, "\(what) did not come up in \(Int(seconds)) s: \(stage.agent?.lastLine ?? "")")
            }
            usleep(10_000)
        }
    }

    private func elapsed(since start: Int64) -> Double {
        Double(SystemTime.monotonicNanoseconds() - start) / 1e9
    }

    private func agentPath() throws -> String {
        if let sedged { return sedged }
        guard let folder = ProgramFolder.path else {
            throw Failure.system("find the folder of", path: "/proc/self/exe")
        }
        return "\(folder)/sedged"
    }
}
