import Agent
import ArgumentParser
import Inference
import SedgeCore
import Store

/// `sedge inspect`: what an agent has learned, and ways to forget it or to take it elsewhere.
struct InspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Show what was learned, when and from how much; reset, export, import or ship it.",
        discussion: """
            Works on the database of an agent that is stopped, or on a copy; beside a running one it refuses \
            (status 74), but for --audit. Without an action it only reads.

            EXAMPLES
              sedge inspect /var/lib/sedge/sedge.db
              sedge inspect sedge.db --reset pump-1
              sedge inspect old.db --export learned.bin && sedge inspect new.db --import learned.bin
              sedge inspect sedge.db --stream pump-1 --ship-labels pump.safetensors
              sedge inspect /var/lib/sedge/sedge.db --audit 20
            """)

    @Argument(help: ArgumentHelp("The agent's database.", valueName: "database"))
    var database: String

    @Option(help: ArgumentHelp("This stream alone.", valueName: "stream"))
    var stream: String?

    @Flag(help: "Print it as JSON.")
    var json = false

    @Option(help: ArgumentHelp("Forget what was learned of a stream; feedback stays.", valueName: "stream"))
    var reset: String?

    @Option(help: ArgumentHelp("Write what was learned to a file.", valueName: "file"))
    var export: String?

    @Option(
        name: .customLong("import"),
        help: ArgumentHelp(
            "Take in such a file, in place of what is known of the same streams.", valueName: "file"))
    var source: String?

    @Option(
        help: ArgumentHelp(
            "Write the bundle with what people's labels taught this agent, for others to use.", valueName: "file"))
    var shipLabels: String?

    @Option(help: "With --ship-labels: the bundle that the agent runs, a shipped bundle's name or a path.")
    var bundle = "sensor-base"

    @Option(
        help: ArgumentHelp(
            "Show the latest messages that wanted to change this node, accepted or refused, newest first.",
            valueName: "count"))
    var audit: Int?

    func validate() throws {
        let actions = [reset != nil, export != nil, source != nil, shipLabels != nil, audit != nil].count { $0 }
        guard actions <= 1 else {
            throw ValidationError(
                "found \(actions) of --reset, --export, --import, --ship-labels, --audit, expected one")
        }
        if let audit, audit < 1 { throw ValidationError("--audit is \(audit), expected 1 or more") }
        guard audit == nil || stream == nil else { throw ValidationError("--audit takes no --stream") }
        guard source == nil || stream == nil else { throw ValidationError("--import takes no --stream") }
        guard reset == nil || stream == nil else { throw ValidationError("--reset takes no --stream") }
    }

    func run() throws {
        do {
            Terminal.writeOutput(try outcome())
        } catch let error as StoreError {
            let hint = error.reason == .locked ? "; stop the agent, or inspect a copy" : ""
            throw Failure(error.reason == .damaged ? .data : .io, "\(error)\(hint)")
        }
    }

    /// Does what was asked for, and gives what is to be printed.
    func outcome() throws -> String {
        if let source { return try take(source) }
        if let audit {
            let entries = try Store.audit(at: database, limit: audit)
            return json ? AuditReport.json(entries) : AuditReport.text(entries)
        }
        let stream = try stream.map(Self.id)
        let store = try Store.openStopped(at: database, isWritable: reset != nil)
        if let reset {
            guard try store.reset(Self.id(reset)) else {
                throw Failure(.data, "\(database): nothing was learned of \"\(reset)\"")
            }
            try store.close()
            return printed("\(reset) starts afresh when the agent starts; feedback stays", InspectOutcome(reset: reset))
        }
        if let export { return try give(store, stream, to: export) }
        if let shipLabels { return try ship(store, stream, to: shipLabels) }
        let rows = try LearnedStream.all(in: store).filter { stream == nil || $0.stream == stream }
        if let stream, rows.isEmpty { throw Failure(.data, "\(database) knows no stream \"\(stream)\"") }
        return json ? String(decoding: PayloadJSON.encode(rows), as: UTF8.self) + "\n" : InspectReport.text(rows)
    }

    private func printed(_ sentence: String, _ outcome: InspectOutcome) -> String {
        (json ? String(decoding: PayloadJSON.encode(outcome), as: UTF8.self) : sentence) + "\n"
    }

    private func give(_ store: Store, _ stream: StreamID?, to path: String) throws -> String {
        let archive = try LearnedArchive(store, only: stream)
        guard !archive.streams.isEmpty else { throw Failure(.data, "\(database): there is nothing to export") }
        let bytes = archive.bytes()
        try FileBytes.write(bytes, to: path)
        return printed(
            "\(path): \(Self.sentence(archive)), \(bytes.count) bytes",
            InspectOutcome(archive, file: path, bytes: bytes.count))
    }

    private func ship(_ store: Store, _ stream: StreamID?, to path: String) throws -> String {
        let said = try store.feedback().filter { stream == nil || $0.stream == stream }
        let harvest: LabelHarvest
        do {
            harvest = try LabelHarvest(said, into: BenchBundle.read(bundle))
        } catch let error as LabelHarvest.Nothing {
            throw Failure(.data, "\(database): \(error)")
        }
        for reason in harvest.leftOut { Terminal.writeError("left out: \(reason)\n") }
        try FileBytes.write(harvest.bundle.serialized(), to: path)
        let labels = harvest.taught.sorted { $0.key < $1.key }.map { "\($0.value) × \($0.key)" }
        return printed(
            "\(path): \(harvest.bundle.fingerprint) knows \(labels.joined(separator: ", "))",
            InspectOutcome(file: path, bundle: harvest.bundle.fingerprint, labels: harvest.taught))
    }

    private func take(_ path: String) throws -> String {
        let archive: LearnedArchive
        do {
            archive = try LearnedArchive(FileBytes.contents(of: path, limit: LearnedArchive.limit))
        } catch let error as SnapshotError {
            throw Failure(.data, "\(path) can not be imported, nothing was changed: \(error)")
        }
        let store = try Store.openStopped(at: database, isWritable: true)
        try archive.restore(into: store, at: SystemTime.now())
        try store.close()
        return printed("\(database): \(Self.sentence(archive)) imported", InspectOutcome(archive, file: path))
    }

    private static func id(_ text: String) throws -> StreamID {
        do {
            return try StreamID(text)
        } catch {
            throw Failure(.usage, "a stream's name: \(error)")
        }
    }

    private static func sentence(_ archive: LearnedArchive) -> String {
        "\(archive.streams.count) streams, \(archive.checkpoints.count) parts, \(archive.feedback.count) feedbacks"
    }
}
