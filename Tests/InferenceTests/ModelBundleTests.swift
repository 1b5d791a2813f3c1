@testable import Inference
import SedgeCore
import Testing

/// The bundle as a file: what is written is read, what is wrong is named.
struct ModelBundleTests {
    @Test(arguments: Fixtures.architectures)
    func whatIsWrittenIsRead(architecture: TCNArchitecture) throws {
        let bundle = try ModelBundle.random(architecture: architecture, seed: 3)
        let bytes = bundle.serialized()
        let read = try ModelBundle(bytes: bytes)
        #expect(read == bundle)
        #expect(read.serialized() == bytes)
        try read.selfTest()
    }

    /// Other libraries keep neither the order of keys nor that of tensors, and space as they like.
    @Test func whatAnotherLibrarySavedAgainIsTheSameBundle() throws {
        let bundle = try Fixtures.bundle()
        let file = try Safetensors(bytes: bundle.serialized())
        var data: [UInt8] = []
        var entries: [String] = []
        for (name, tensor) in file.tensors.sorted(by: { $0.key > $1.key }) {
            entries.append(
                #""\#(name)": {"shape": \#(tensor.shape), "data_offsets": [\#(data.count), \#(data.count + tensor.bytes.count)], "dtype": "\#(tensor.type.rawValue)"}"#
            )
            data += tensor.bytes
        }
        entries.append(#""__metadata__": \#(JSONDocument.object(file.metadata.mapValues(JSONDocument.string)).text)"#)
        let header = "{" + entries.joined(separator: ", ") + "}"
        #expect(try ModelBundle(bytes: Tampered.file(header: header) + data) == bundle)
    }

    @Test func fixedScalesAndOddTextsSurvive() throws {
        let architecture = Fixtures.architectures[2]
        let scalings = (0..<3).map {
            BundlePreprocessing.ChannelScaling(center: -0.1 * Double($0), scale: 1e-7 + Double($0))
        }
        let random = try ModelBundle.random(architecture: architecture, seed: 1)
        let bundle = try ModelBundle(
            name: "pump-3_b", version: "1.2.0", architecture: architecture,
            preprocessing: BundlePreprocessing(normalisation: .fixed(scalings), clip: 4.5, defaultHop: 1),
            network: random.network, training: #"{"note":"\"Prüfstand\" 🛠 \\ \u0001","runs":[1,2.5e-3,null,true]}"#,
            dataLicence: "CC-BY-4.0 — see “sources”\n", selfTestPatches: [Float](repeating: 0.5, count: 12))
        #expect(try ModelBundle(bytes: bundle.serialized()) == bundle)
        #expect(bundle.selfTestVectors.steps == 2)
    }

    @Test func theFingerprintNamesTheBundleAndTellsBundlesApart() throws {
        let bundle = try Fixtures.bundle()
        #expect(bundle.fingerprint.wholeMatch(of: /random@0\.1#[0-9a-f]{8}/) != nil)
        var network = bundle.network
        network.projection.bias[0] += 1
        #expect(try bundle.replacing(network: network).fingerprint != bundle.fingerprint)
    }

    @Test func equalSeedsGiveEqualBytes() throws {
        #expect(try Fixtures.bundle().serialized() == Fixtures.bundle().serialized())
        // Known from the first build: other machines and compilers must agree.
        #expect(try Fixtures.bundle().fingerprint == "random@0.1#1ec2eecf")
    }

    /// Fewer than 1 % of the embedding's bytes may stand at a limit, and the range must be used.
    @Test(arguments: [TCNArchitecture.tcn32, Fixtures.architectures[3]])
    func randomBundlesDoNotSaturate(architecture: TCNArchitecture) throws {
        let bundle = try ModelBundle.random(architecture: architecture, seed: 11)
        let encoder = WindowEncoder(bundle: bundle, kernels: .scalar)
        var random = SeededRandom(seed: 12)
        let patches = (0..<100 * architecture.patchValues).map { _ in Float(random.uniform() * 3.4 - 1.7) }
        let bytes = encoder.bytes(of: patches)
        let saturated = bytes.count { $0 == 127 || $0 == -128 }
        #expect(saturated * 100 < bytes.count)
        #expect(bytes.max()! - bytes.min()! > 60)
    }

    @Test func aWrongSelfTestNamesTheFirstDifference() throws {
        let bundle = try Fixtures.bundle()
        let bytes = try Tampered(bundle) { file in
            var tensor = Array(file.tensors["selftest.embeddings"]!.bytes)
            tensor[7] ^= 1
            file.tensors["selftest.embeddings"] = Safetensors.Tensor(
                tensor.map(Int8.init(bitPattern:)), shape: [32, 3])
        }.bytes
        let read = try ModelBundle(bytes: bytes)
        let error = #expect(throws: SelfTestError.self) { try read.selfTest() }
        #expect(error?.step == 2)
        #expect(error?.index == 1)
        #expect(error?.found == bundle.selfTestVectors.embeddings[7])
    }

    /// The trainer's mistakes are refused before a file exists.
    @Test func assemblyIsChecked() throws {
        let bundle = try Fixtures.bundle()
        func refused(
            _ place: BundleError.Place, _ change: (inout QuantizedTCN) -> Void,
            sourceLocation: SourceLocation = #_sourceLocation
        ) {
            var network = bundle.network
            change(&network)
            let error = #expect(throws: BundleError.self, sourceLocation: sourceLocation) {
                try bundle.replacing(network: network)
            }
            #expect(error?.place == place, sourceLocation: sourceLocation)
        }
        refused(.tensor("stem.weight")) { $0.stem.weight[3] = -128 }
        refused(.tensor("stem.weight")) { $0.stem.weight.removeLast() }
        refused(.tensor("stem.weight")) { $0.stem.inputs = 5 }
        refused(.tensor("blocks.1.conv.weight_scale")) { $0.blocks[1].conv.weightScale[0] = 0 }
        refused(.tensor("blocks.1.conv.weight_scale")) { $0.blocks[1].conv.weightScale[0] = .nan }
        refused(.tensor("blocks.1.conv.weight_scale")) { $0.blocks[1].conv.weightScale[0] = .infinity }
        refused(.tensor("blocks.1.conv.weight_scale")) { $0.blocks[1].conv.weightScale[0] = 1e-38 }
        refused(.tensor("blocks.2.pointwise.bias")) { $0.blocks[2].pointwise.bias[4] = .max }
        refused(.tensor("blocks.2.pointwise.bias")) { $0.blocks[2].pointwise.bias[4] = .min }
        refused(.tensor("projection.bias")) { $0.projection.bias.append(0) }
        refused(.field("quantization.input.scale")) { $0.input.scale = -1 }
        refused(.field("quantization.blocks.0.output.scale")) { $0.blocks[0].output.scale = .nan }
        refused(.field("quantization.embedding.scale")) { $0.embedding.scale = .leastNonzeroMagnitude }
        refused(.field("quantization")) { $0.blocks.removeLast() }
    }

    @Test func aSelfTestNeedsWholeSteps() throws {
        let bundle = try Fixtures.bundle()
        for count in [0, 3, 5] {
            let error = #expect(throws: BundleError.self) {
                try ModelBundle(
                    name: "a", version: "1", architecture: bundle.architecture, preprocessing: bundle.preprocessing,
                    network: bundle.network, training: "{}", dataLicence: "none",
                    selfTestPatches: [Float](repeating: 0, count: count))
            }
            #expect(error?.place == .tensor("selftest.patches"))
        }
    }
}
