import Inference
import SedgeCore
import Testing

@testable import sedge

/// What a report says of its encoder.
@Suite struct EvaluatedEncoderTests {
    private static let bundles =
        #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(4)
        .joined(separator: "/") + "/firmware-config/bundles"

    @Test(arguments: ["sensor-base", "sensor-small"])
    func shippedEncodersNeverSawASet(name: String) throws {
        let encoder = try EvaluatedEncoder("\(Self.bundles)/\(name).safetensors")
        let said = encoder.facts.first { $0.name == "trained on" }?.value
        #expect(
            said == "generated signals alone: it never saw this set, and the columns of seen and unseen are one")
    }

    @Test func aNameThatIsFoundNowhereIsAMatterOfConfiguration() {
        let error = #expect(throws: Failure.self) { try EvaluatedEncoder("no-such-bundle") }
        #expect(error?.code == .configuration)
    }

    @Test(arguments: [
        (
            #"{"data":"generated sensor signals (SignalGenerator) and 3 recorded series"}"#,
            "3 recorded series: this set may"
        ),
        (#"{"seed":"1"}"#, "what its bundle does not say: this set may"), ("{}", "what its bundle does not say"),
    ])
    func othersMayHaveSeenIt(training: String, expected: String) throws {
        let random = try ModelBundle.random(
            architecture: TCNArchitecture(mode: .independent, patch: 8, channels: 8, blocks: 2, embedding: 8), seed: 1)
        let bundle = try ModelBundle(
            name: "other", version: "1", architecture: random.architecture, preprocessing: random.preprocessing,
            network: random.network, training: training, dataLicence: "none",
            selfTestPatches: random.selfTestVectors.patches)
        #expect(EvaluatedEncoder.data(of: bundle).contains(expected))
    }
}
