@testable import Importing
@testable import Inference
import SedgeCore
import Testing

/// Damaged files: refused with a place, or imported, and never a crash.
struct FuzzTests {
    private static func mutate(_ bytes: inout [UInt8], _ random: inout SeededRandom) {
        for _ in 0...random.next() % 2 {
            let index = Int(random.next() % UInt64(bytes.count))
            // Mostly flips: what changes the length seldom gets past the protocol buffer.
            switch random.next() % 8 {
            case 0...3: bytes[index] ^= 1 << UInt8(random.next() % 8)
            case 4: bytes[index] = [0, 1, 0x7F, 0x80, 0xFF][Int(random.next() % 5)]
            case 5: bytes.remove(at: index)
            case 6: bytes.insert(UInt8(truncatingIfNeeded: random.next()), at: index)
            default: bytes.removeLast(Int(random.next() % 16))
            }
            if bytes.count < 32 { bytes.append(contentsOf: repeatElement(8, count: 32)) }
        }
    }

    @Test(arguments: ["torch_chomp", "torch_inception_qdq", "tf_causal"], [UInt64(1), 2])
    func damagedModelsNeverCrash(name: String, seed: UInt64) throws {
        let fixture = Fixture(name)
        let bytes = try fixture.bytes()
        var random = SeededRandom(seed: seed)
        var imported = 0
        for _ in 0..<30 {
            var broken = bytes
            Self.mutate(&broken, &random)
            do {
                let importer = try ModelImporter(ONNXModel.read(broken), input: ModelInput())
                imported += 1
                if !importer.needsCalibration {
                    let graph = try importer.quantize(GraphCalibration(importer.calibrationGraph))
                    try? graph.validate()
                }
            } catch {
                #expect(!error.found.isEmpty && !error.expected.isEmpty, "seed \(seed)")
            }
        }
        // Most bytes are weights, so some of the damage goes unseen: both ways were taken.
        #expect(imported > 0)
    }

    @Test(arguments: [UInt64(1), 2])
    func damagedSafetensorsNeverCrash(seed: UInt64) throws {
        let bytes = try Fixture.bytes("torch_resnet.safetensors")
        let mapping = try Fixture.bytes("torch_resnet.mapping.json")
        var random = SeededRandom(seed: seed)
        for round in 0..<60 {
            var (file, text) = (bytes, mapping)
            if round % 2 == 0 {
                // The header is what can be wrong.
                var head = Array(file.prefix(2000))
                Self.mutate(&head, &random)
                file.replaceSubrange(0..<2000, with: head)
            } else {
                Self.mutate(&text, &random)
            }
            do {
                let model = try ModelMapping.read(text, tensors: SafetensorsFile.read(file)).model
                _ = try ModelImporter(model, input: ModelInput())
            } catch {
                #expect(!error.found.isEmpty && !error.expected.isEmpty, "seed \(seed)")
            }
        }
    }

    /// Texts of a graph bundle with the checksums made right, so that damage reaches the checks behind.
    @Test(arguments: ["tf_causal_qdq", "torch_inception_qdq"], [UInt64(1), 2])
    func damagedGraphBundlesNeverCrash(name: String, seed: UInt64) throws {
        let bundle = try BundleTests.graphBundle(BundleTests.graph(Fixture(name)))
        let bytes = bundle.serialized()
        var random = SeededRandom(seed: seed)
        for round in 0..<40 {
            var file = try Safetensors(bytes: bytes)
            let field = ["architecture", "quantization"][round % 2]
            var text = Array(file.metadata[field]!.utf8)
            for _ in 0...random.next() % 3 {
                let index = Int(random.next() % UInt64(text.count))
                switch random.next() % 3 {
                case 0: text[index] = UInt8(ascii: "0") + UInt8(random.next() % 10)
                case 1: text.remove(at: index)
                default: text.insert(contentsOf: Array("-9,".utf8).shuffled(using: &random).prefix(1), at: index)
                }
            }
            file.metadata[field] = String(decoding: text, as: UTF8.self)
            BundleChecksums.seal(&file)
            do {
                let read = try GraphBundle(bytes: file.serialized())
                try? read.selfTest()
            } catch {
                #expect(!error.found.isEmpty && !error.expected.isEmpty, "seed \(seed)")
            }
        }
    }
}
