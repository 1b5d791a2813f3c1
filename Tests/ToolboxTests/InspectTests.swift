import Agent
import ArgumentParser
import SedgeCore
import Store
import TestSupport
import Testing

@testable import sedge

@Suite struct InspectTests {
    private let folder = TemporaryFolder()
    private var database: String { folder.file("sedge.db") }

    private func fill() throws {
        let store = try Store.open(
            at: database, options: StoreOptions(node: try NodeID("n"), bootID: "b"), now: Timestamp(milliseconds: 0)
        ).store
        let stream = StoredStream(
            id: try StreamID("pump-1"), topic: "t", firstSeen: Timestamp(milliseconds: 0),
            lastSeen: Timestamp(milliseconds: 1000))
        try store.upsertStreams([stream])
        _ = try store.saveCheckpoints(
            [Checkpoint(stream: stream.id, part: "learner", data: [1])], at: Timestamp(milliseconds: 0), isUrgent: true)
        try store.close()
    }

    private func run(_ arguments: [String]) throws {
        let command = try #require(try Sedge.parseAsRoot(["inspect", database] + arguments) as? InspectCommand)
        try command.run()
    }

    @Test func exportsImportsAndResets() throws {
        try fill()
        let file = folder.file("learned.bin")
        try run(["--export", file])
        try run(["--reset", "pump-1"])
        let again = #expect(throws: Failure.self) { try run(["--reset", "pump-1"]) }
        #expect(again?.code == .data)
        try run(["--import", file])
        let store = try Store.openStopped(at: database, isWritable: false)
        #expect(try store.loadCheckpoints().checkpoints.map(\.data) == [[1]])
    }

    @Test func actionsTellScriptsWhatTheyDid() throws {
        try fill()
        let file = folder.file("learned.bin")
        func said(_ arguments: [String]) throws -> String {
            let command = try Sedge.parseAsRoot(["inspect", database, "--json"] + arguments)
            return try #require(command as? InspectCommand).outcome()
        }
        let exported = try said(["--export", file])
        let bytes = try FileBytes.contents(of: file).count
        #expect(
            exported
                == #"{"bytes":\#(bytes),"feedback":0,"file":"\#(file)","parts":1,"streams":1}"# + "\n")
        #expect(try said(["--reset", "pump-1"]) == #"{"reset":"pump-1"}"# + "\n")
        #expect(try said(["--import", file]) == #"{"feedback":0,"file":"\#(file)","parts":1,"streams":1}"# + "\n")
    }

    @Test func saysWhyItCanNot() throws {
        func failure(_ arguments: [String]) -> Failure? { #expect(throws: Failure.self) { try run(arguments) } }
        #expect(failure([])?.code == .io)
        try fill()
        #expect(failure(["--stream", "other"])?.description.contains("knows no stream \"other\"") == true)
        #expect(failure(["--reset", "a/b"])?.code == .usage)
        try folder.write("bad.bin", "nothing that was learned")
        let bad = failure(["--import", folder.file("bad.bin")])
        #expect(bad?.code == .data && bad?.description.contains("nothing was changed") == true)
        let running = try Store.open(
            at: database, options: StoreOptions(node: try NodeID("n"), bootID: "b"), now: Timestamp(milliseconds: 0)
        ).store
        let locked = failure([])
        #expect(locked?.code == .io && locked?.description.contains("stop the agent, or inspect a copy") == true)
        try running.close()
    }

    @Test func printsABlockAStream() throws {
        try fill()
        let rows = try LearnedStream.all(in: try Store.openStopped(at: database, isWritable: false))
        let text = InspectReport.text(rows)
        #expect(text.hasPrefix("pump-1  (t)\n"))
        #expect(text.contains("of no use: snapshot is truncated"))
        // What every agent's database has, and the longest name.
        var row = try #require(rows.first)
        row.parts[0].name = "preprocessor"
        #expect(InspectReport.text([row]).contains("\n  preprocessor \(row.parts[0].bytes) bytes, "))
        #expect(InspectReport.text([]) == "nothing was learned yet\n")
    }

    @Test func saysWhatWasRetrained() throws {
        try fill()
        var row = try #require(try LearnedStream.all(in: try Store.openStopped(at: database, isWritable: false)).first)
        #expect(!InspectReport.text([row]).contains("retrained"))
        let adapted = #"""
            {"in_use":true,"steps":1200,"learned_steps":1100,"accepted_at":0,"figures":{"segments":64,"labelled":3,
            "steps":160,"loss_before":0.5,"loss_after":0.25,"change":0.125}}
            """#
        row.adapted = try PayloadJSON.decode(LearnedStream.Adapted.self, from: Array(adapted.utf8))
        row.adaptations = 2
        let text = InspectReport.text([row])
        #expect(
            text.contains("  retrained in use since 1970-01-01T00:00:00.000Z, 1100 of 1200 steps learned; from 64 "))
        #expect(text.contains("segments, 3 with a label, in 160 steps: loss \(0.5.shown) to \(0.25.shown)"))
        #expect(text.contains("  decisions 2 of retraining kept"))
    }

    @Test(arguments: [["--reset", "a", "--export", "b"], ["--import", "a", "--stream", "b"]])
    func takesOneActionAtATime(arguments: [String]) {
        #expect(throws: (any Error).self) { try Sedge.parseAsRoot(["inspect", "x"] + arguments) }
    }
}
