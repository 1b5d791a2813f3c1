import SedgeCore
import TestSupport
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Commands of the toolbox from their arguments to what they leave, on small inputs.
@Suite struct ToolboxCommandTests {
    private let folder = TemporaryFolder()
    private static let models = AgentUnderTest.root + "/Tests/ImportingTests/Fixtures"
    private static let bundles = ["SEDGE_BUNDLES": AgentUnderTest.root + "/firmware-config/bundles"]

    private func sedge(_ arguments: [String]) async throws -> Launcher.Outcome {
        try await Launcher.run(
            .sedge, arguments, environment: Self.bundles, folder: folder.path, timeout: .seconds(300 * patience))
    }

    /// A checkpoint after a few steps, at `run/checkpoint`.
    private func checkpoint() async throws {
        let training = try await sedge([
            "train", "--size", "tcn32", "--steps", "20", "--rows", "1024", "--out", "a.safetensors", "--run-folder",
            "run",
        ])
        #expect(training.status == 0, "\(training.errors)")
    }

    private func quantize(_ method: [String]) async throws -> Launcher.Outcome {
        try await sedge(
            ["quantize", "run/checkpoint", "--data-licence", "CC0-1.0", "--out", "b.safetensors", "--method"] + method)
    }

    @Test func aBundleThatLosesTooMuchIsNotWritten() async throws {
        try await checkpoint()
        // Ranges that hold half of the values leave little of the rest.
        let refused = try await quantize(["percentile", "--percentile", "51"])
        #expect(refused.status == 65)
        #expect(refused.errors.contains("of the task, expected at most 0.02: b.safetensors is not written"))
        #expect(!FileBytes.exists(folder.file("b.safetensors")))
    }

    @Test func aCheckpointIsQuantizedAndEncodesAFile() async throws {
        try await checkpoint()
        let written = try await quantize(["mse"])
        #expect(written.status == 0, "\(written.errors)")
        #expect(written.output.contains("probe on generated families: float "), "\(written.output)")
        let encoded = try await sedge([
            "eval", "csv", try recording(), "--label", "anomaly", "--bundle", "b.safetensors",
        ])
        #expect(encoded.status == 0, "\(encoded.errors)")
    }

    @Test func aModelIsImportedCheckedAndRefused() async throws {
        let model = "\(Self.models)/tf_causal"
        let imported = try await sedge([
            "import", "\(model).onnx", "--data-licence", "none", "--check", "\(model).input.npy", "--expect",
            "\(model).output.npy", "--out", "a.safetensors",
        ])
        #expect(imported.status == 0, "\(imported.errors)")
        #expect(imported.output.contains("runs     as a stream"), "\(imported.output)")
        let difference = imported.output.firstMatch(of: /float differs by ([0-9.e-]+),/).flatMap { Double($0.1) }
        #expect(try #require(difference) < 1e-4)

        let refused = try await sedge([
            "import", "\(model).onnx", "--data-licence", "none", "--max-loss", "0.000001", "--out", "b.safetensors",
        ])
        #expect(refused.status == 65)
        #expect(refused.errors.contains("expected at most 1e-06"), "\(refused.errors)")
        #expect(!FileBytes.exists(folder.file("b.safetensors")))
    }

    @Test func aLabelledFileIsEvaluated() async throws {
        let outcome = try await sedge(["eval", "csv", try recording(), "--label", "anomaly", "--json"])
        #expect(outcome.status == 0, "\(outcome.errors)")
        let rows = outcome.output.matches(of: /"method":"([^"]*)","note":"[^"]*","values":\[([0-9.]+)/)
        let figures = Dictionary(rows.map { (String($0.1), Double($0.2)!) }) { first, _ in first }
        let (ours, chance) = (figures["sedge, sensor-base"], figures["random"])
        // A plateau of three times the amplitude.
        #expect(try #require(ours) > 0.9, "\(figures)")
        #expect(try #require(chance) < 0.5, "\(figures)")

        let missing = try await sedge(["eval", "csv", "recording.csv", "--label", "fault"])
        #expect(missing.status == 65 && missing.errors.contains("fault"), "\(missing.errors)")
    }

    @Test func outputThatCanNotBeWrittenIsAFailure() async throws {
        let outcome = try await Launcher.run(
            .tool("sh"), ["-c", "exec \"$@\" > /dev/full", "sh"] + Program.sedge.command + ["config", "init"])
        #expect(outcome.status == 74)
        #expect(outcome.errors.hasPrefix("sedge: cannot write standard output: "), "\(outcome.errors)")
    }

    /// `true` ends at once; a second later nobody holds the other end of the pipe.
    @Test func aReaderThatWentAwayIsNoFailure() async throws {
        let outcome = try await Launcher.run(
            .tool("sh"),
            ["-c", "{ sleep 1; \"$@\"; echo $? >&2; } | true", "sh"] + Program.sedge.command + ["config", "init"])
        #expect(outcome.errors == "0\n")
    }

    @Test func aBenchmarkReportsEveryFunction() async throws {
        let outcome = try await sedge(["bench", "kernels", "--kernel", "scalar", "--repetitions", "1", "--json"])
        #expect(outcome.status == 0, "\(outcome.errors)")
        let functions = outcome.output.matches(of: /"function":"([a-z_]+)"/).map { String($0.1) }
        #expect(Set(functions) == ["convolve", "depthwise", "add", "quantize", "dequantize", "gather", "dot", "top_k"])
        #expect(outcome.output.contains("\"share_of_peak\":") && outcome.output.contains("\"gb_per_second\":"))
    }

    /// A sine with a little noise, and a plateau that is labelled.
    private func recording() throws -> String {
        var lines = ["value,anomaly"]
        for row in 0..<1500 {
            let isWrong = (1200..<1260).contains(row)
            let value = sin(Double(row) / 7) + Double(row * 7919 % 13) / 50 + (isWrong ? 3 : 0)
            lines.append("\(value),\(isWrong ? 1 : 0)")
        }
        return try folder.write("recording.csv", lines.joined(separator: "\n") + "\n")
    }
}
