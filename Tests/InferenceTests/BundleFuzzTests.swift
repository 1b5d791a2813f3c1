@testable import Inference
import SedgeCore
import Testing

/// Damage of every kind to the smallest bundle there is: refused with a place, or harmless, and never a crash.
struct BundleFuzzTests {
    static let bundle = try! ModelBundle.random(architecture: Fixtures.architectures[0], seed: 1)
    static let bytes = bundle.serialized()

    /// Every byte of the file, one seeded bit each (the bits over all seeds cover the byte).
    @Test(arguments: [UInt64](0..<2))
    func oneFlippedBitIsRefused(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for index in Self.bytes.indices { try flip(index, bit: UInt8(random.next() % 8)) }
    }

    /// Every bit of every tensor: the error names that tensor.
    @Test func oneFlippedBitNamesItsTensor() throws {
        let file = try Safetensors(bytes: Self.bytes)
        for (name, tensor) in file.tensors where !name.hasPrefix("selftest") {
            for index in tensor.bytes.indices {
                for bit in UInt8(0)..<8 {
                    let error = try flip(index, bit: bit)
                    #expect(error?.place == .tensor(name))
                }
            }
        }
    }

    @Test func aChangedFieldIsNamed() throws {
        for field in BundleFields.checksummed where field != BundleFields.schemaVersion {
            var file = try Safetensors(bytes: Self.bytes)
            file.metadata[field]! += " "
            let error = #expect(throws: BundleError.self) { try ModelBundle(bytes: file.serialized()) }
            #expect(error?.place == .field(field))
        }
    }

    @Test func everyTruncationIsRefused() {
        for count in stride(from: 0, to: Self.bytes.count, by: 7) {
            #expect(throws: BundleError.self) { try ModelBundle(bytes: Array(Self.bytes.prefix(count))) }
        }
    }

    /// Several mutations at once, with the checksums of what still parses made right, so that they reach the checks
    /// behind.
    @Test(arguments: [UInt64](0..<4))
    func mutatedTextsNeverCrash(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let fields = ["architecture", "quantization", "preprocessing", "training", "name"]
        for _ in 0..<150 {
            let mutated = try Tampered(Self.bundle) { file in
                let field = fields[Int(random.next() % 5)]
                var text = Array(file.metadata[field]!.utf8)
                for _ in 0...random.next() % 3 { Self.mutate(&text, &random) }
                file.metadata[field] = String(decoding: text, as: UTF8.self)
            }.bytes
            do {
                let bundle = try ModelBundle(bytes: mutated)
                #expect(bundle.fingerprint.contains("#"))
            } catch {
                #expect(!error.found.isEmpty && !error.expected.isEmpty)
            }
        }
    }

    @discardableResult
    private func flip(_ index: Int, bit: UInt8) throws -> BundleError? {
        var broken = Self.bytes
        broken[index] ^= 1 << bit
        do {
            let read = try ModelBundle(bytes: broken)
            #expect(read == Self.bundle, "byte \(index), bit \(bit) changed the bundle unseen")
            return nil
        } catch {
            #expect(error.place != .file || index < 8, "byte \(index), bit \(bit): \(error)")
            return error
        }
    }

    private static func mutate(_ text: inout [UInt8], _ random: inout SeededRandom) {
        let index = Int(random.next() % UInt64(text.count))
        switch random.next() % 4 {
        case 0: text[index] ^= 1 << UInt8(random.next() % 8)
        case 1: text.remove(at: index)
        case 2: text.insert(UInt8(random.next() % 256), at: index)
        default: text.insert(contentsOf: Array("9\"{[:,]}-e".utf8).shuffled(using: &random).prefix(2), at: index)
        }
        if text.isEmpty { text = [0x20] }
    }
}
