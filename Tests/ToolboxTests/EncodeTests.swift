import Agent
import Inference
import SedgeCore
import Testing

@testable import sedge

/// What `sedge encode` prints.
@Suite struct EncodeTests {
    private static let recording = Recording(
        channels: ["a", "b"],
        columns: [
            (0..<643).map { Double($0 % 17) * 0.3 }, (0..<643).map { $0 == 300 ? .nan : Double($0 * $0 % 101) },
        ], rowCount: 643)

    private func csv(_ kernels: KernelSet) throws -> String {
        try EmbeddedRecording(
            Self.recording, path: "x.csv", bundle: try ModelBundle.random(architecture: .tcn32, seed: 1, name: "r"),
            kernels: kernels
        ).csv
    }

    @Test func aLineAStepOfEveryChannel() throws {
        let lines = try csv(.scalar).split(separator: "\n")
        // 643 samples hold 80 patches of 8.
        #expect(lines.count == 1 + 2 * 80 && lines[0] == "lane,step,embedding")
        #expect(lines[1].hasPrefix("a,0,") && lines[81].hasPrefix("b,0,") && lines[160].hasPrefix("b,79,"))
        #expect(lines.dropFirst().allSatisfy { $0.split(separator: ",")[2].count == 2 * 32 })
        #expect(Set(lines[81...].map { $0.split(separator: ",")[2] }).count > 40)
    }

    @Test func everyKernelPrintsTheSame() throws {
        let expected = try csv(.scalar)
        for name in KernelSet.available { #expect(try csv(KernelSet.select(name)) == expected, "\(name)") }
    }

    @Test func aRecordingThatCanNotBeReadIsBadData() {
        let error = RecordingError(path: "x.csv", line: 3, message: "found 1 fields")
        #expect(Failure.known(error) == Failure(.data, "x.csv:3: found 1 fields"))
    }

    @Test func aJointBundleWantsItsChannels() throws {
        let joint = TCNArchitecture(
            mode: .joint, inputChannels: 3, patch: 8, channels: 32, blocks: 2, embedding: 32)
        let bundle = try ModelBundle.random(architecture: joint, seed: 1, name: "r")
        let error = #expect(throws: Failure.self) {
            try EmbeddedRecording(Self.recording, path: "x.csv", bundle: bundle, kernels: .scalar)
        }
        #expect(error?.description == "x.csv: found 2 channels, expected 3, the bundle's")
    }
}
