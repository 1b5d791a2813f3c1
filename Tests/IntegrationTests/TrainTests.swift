import SedgeCore
import TestSupport
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// `sedge train` killed, out of space, and begun again.
@Suite(.serialized) struct TrainTests {
    private let folder = TemporaryFolder()

    /// A run of the smallest network on small batches: seconds even without optimisation.
    private func arguments(_ name: String) -> [String] {
        [
            "train", "--size", "tcn32", "--steps", "40", "--rows", "1024", "--watch-every", "10", "--name", "kill",
            "--checkpoint-every", "4", "--out", folder.file("\(name).safetensors"), "--run-folder", folder.file(name),
        ]
    }

    private func resumption(_ name: String) -> [String] {
        [
            "train", "--resume", "--name", "kill", "--out", folder.file("\(name).safetensors"), "--run-folder",
            folder.file(name),
        ]
    }

    /// The looks in log.jsonl; means over steps begin anew where a run goes on.
    private func looks(_ name: String) -> [Substring] {
        TestFile.text(folder.file("\(name)/log.jsonl")).split(separator: "\n").filter { $0.contains("held_out_loss") }
    }

    @Test func aKilledRunGoesOnToTheWeightsOfAnUnbrokenOne() async throws {
        let unbroken = try await Launcher.run(.sedge, arguments("whole"), timeout: .seconds(300))
        #expect(unbroken.status == 0, "\(unbroken.errors)")
        let killed = try Launcher.start(.sedge, arguments("killed"))
        // Anywhere will do; behind the first checkpoint there is something to go on from.
        #expect(await eventually(within: .seconds(300)) { FileBytes.exists(folder.file("killed/checkpoint")) })
        killed.kill9()
        #expect(!FileBytes.exists(folder.file("killed.safetensors")))
        let resumed = try await Launcher.run(.sedge, resumption("killed"), timeout: .seconds(300))
        #expect(resumed.status == 0, "\(resumed.errors)")
        let bundles = try ["whole", "killed"].map { try TestFile.read(folder.file("\($0).safetensors")) }
        #expect(bundles[0] == bundles[1])
        #expect(looks("whole") == looks("killed") && looks("whole").count == 4)
        #expect(TestFile.text(folder.file("killed/curve.svg")).hasPrefix("<svg"))
    }

    @Test func aFullDiskEndsTheRunAndKeepsTheLastCheckpoint() async throws {
        let interrupted = try Launcher.start(.sedge, arguments("full"))
        #expect(await eventually(within: .seconds(300)) { FileBytes.exists(folder.file("full/checkpoint")) })
        interrupted.terminate()
        let status = await interrupted.waitForExit(timeout: .seconds(120))
        #expect(status == 0)
        let before = try TestFile.read(folder.file("full/checkpoint"))
        // Every byte of the next checkpoint goes to a device that is full.
        #expect(symlink("/dev/full", folder.file("full/checkpoint.new")) == 0)
        let full = try await Launcher.run(.sedge, resumption("full"), timeout: .seconds(300))
        #expect(full.status == 74 && full.errors.contains("No space left on device"), "\(full.errors)")
        #expect(try TestFile.read(folder.file("full/checkpoint")) == before)
        let resumed = try await Launcher.run(.sedge, resumption("full"), timeout: .seconds(300))
        #expect(resumed.status == 0, "\(resumed.errors)")
    }

    @Test func aDamagedCheckpointIsRefused() async throws {
        let none = try await Launcher.run(.sedge, resumption("damaged"))
        #expect(none.status == 65 && none.errors.contains("found no checkpoint to go on from"), "\(none.errors)")
        try folder.write("damaged/checkpoint", "no checkpoint")
        let outcome = try await Launcher.run(.sedge, resumption("damaged"))
        #expect(outcome.status == 65 && outcome.errors.contains("damaged/checkpoint"), "\(outcome.errors)")
    }

    /// Two classes of a machine with two sensors, at ten rows a second, as CSV and as JSON lines.
    private func recordings() throws {
        var csv = ["time,flow,current,mode"]
        var lines: [String] = []
        for row in 0..<3000 {
            let isBusy = row / 500 % 2 == 1
            let flow = Double(row % (isBusy ? 8 : 30)) / 8
            let current = (isBusy ? 2 : 0.5) + Double(row * row % 17) / 17
            let time = 1_700_000_000 + 0.1 * Double(row)
            csv.append("\(time),\(flow),\(current),\(isBusy ? "busy" : "idle")")
            lines.append(
                "{\"ts\": \(time), \"flow\": \(flow), \"current\": \(current), \"mode\": \"\(isBusy ? "busy" : "idle")\"}"
            )
        }
        try folder.write("a.csv", csv.joined(separator: "\n"))
        try folder.write("b.jsonl", lines.joined(separator: "\n"))
    }

    private func sources(_ names: [String]) -> [String] {
        names.flatMap { ["--data", folder.file($0)] } + ["--data-licence", "CC0-1.0", "--labels", "mode"]
    }

    @Test func labelledRecordingsMakeAJointEncoderWithScalesOfItsOwn() async throws {
        try recordings()
        // The channels of both have the same order: keys of JSON have none, so they are sorted there.
        try folder.write(
            "a.csv",
            TestFile.text(folder.file("a.csv")).split(separator: "\n").map { line in
                let cells = line.split(separator: ",")
                return "\(cells[0]),\(cells[2]),\(cells[1]),\(cells[3])"
            }.joined(separator: "\n"))
        let outcome = try await Launcher.run(
            .sedge,
            [
                "train", "--size", "tcn32", "--steps", "20", "--rows", "1024", "--rate", "5", "--mode", "joint",
                "--normalisation", "fixed", "--task", "mask=1", "--task", "labels=0.5", "--task", "vicreg=1",
                "--augment", "drop-share=0.3", "--out", folder.file("joint.safetensors"), "--run-folder",
                folder.file("joint"),
            ] + sources(["a.csv", "b.jsonl"]), timeout: .seconds(300))
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output.contains(", probe "), "\(outcome.output)")
        let header = String(decoding: try TestFile.read(folder.file("joint.safetensors")).prefix(20_000), as: UTF8.self)
        #expect(header.contains("joint") && header.contains("fixed") && header.contains("recordings: CC0-1.0"))
        // Other recordings than it began with.
        let other = try await Launcher.run(.sedge, resumption("joint") + sources(["a.csv"]))
        #expect(other.status == 65 && other.errors.contains("other recordings"), "\(other.errors)")
    }

    @Test func aSearchTriesConfigurationsAndKeepsTheBest() async throws {
        try recordings()
        // Emulated, a trial's probe alone takes minutes.
        let minutes = patience == 1 ? 0.5 : 12
        let outcome = try await Launcher.run(
            .sedge,
            [
                "train", "--size", "tcn32", "--minutes", "\(minutes)", "--search", "2", "--rows", "1024",
                "--out", folder.file("searched.safetensors"), "--run-folder", folder.file("searched"),
            ] + sources(["a.csv"]), timeout: .seconds(300 * patience))
        #expect(outcome.status == 0, "\(outcome.errors)")
        let trials = TestFile.text(folder.file("searched/search.jsonl")).split(separator: "\n")
        let probes = trials.compactMap { $0.firstMatch(of: /"probe":([0-9.]+)/).flatMap { Double($0.1) } }
        try #require(probes.count == 2, "\(trials)")
        let best = probes[0] >= probes[1] ? 1 : 2
        #expect(probes[0] == probes[1] || outcome.output.contains("best: trial \(best), "), "\(outcome.output)")
        #expect(FileBytes.exists(folder.file("searched.safetensors")))
    }
}
