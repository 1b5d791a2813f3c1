import Control
import SedgeCore

/// Makes wrong envelopes of right ones: bit flips, truncation, splices, replays, type confusion. Seeded.
package struct EnvelopeMutator {
    package enum Kind: String, CaseIterable {
        case bitFlip, byte, truncation, deletion, insertion, repetition, splice, fieldSwap, typeConfusion, edit, replay
    }

    private let originals: [[UInt8]]
    private var random: SeededRandom

    /// - Parameter originals: rightly signed, at least two.
    package init(originals: [[UInt8]], seed: UInt64) {
        precondition(originals.count > 1, "splices need two envelopes")
        self.originals = originals
        random = SeededRandom(seed: seed)
    }

    package mutating func next() -> (kind: Kind, bytes: [UInt8]) {
        let kind = Kind.allCases[below(Kind.allCases.count)]
        var bytes = originals[below(originals.count)]
        // Often twice, so that what one change breaks the other may hide.
        for _ in 0...below(2) { bytes = mutated(bytes, kind) }
        return (kind, bytes)
    }

    private mutating func below(_ limit: Int) -> Int { Int(random.next() % UInt64(max(1, limit))) }

    private mutating func mutated(_ bytes: [UInt8], _ kind: Kind) -> [UInt8] {
        guard !bytes.isEmpty else { return bytes }
        var bytes = bytes
        let place = below(bytes.count)
        let end = min(bytes.count, place + 1 + below(64))
        switch kind {
        case .bitFlip: for _ in 0...below(4) { bytes[below(bytes.count)] ^= 1 << UInt8(below(8)) }
        case .byte: bytes[place] = UInt8(below(256))
        case .truncation: bytes.removeLast(bytes.count - place)
        case .deletion: bytes.removeSubrange(place..<end)
        case .insertion: bytes.insert(contentsOf: (0...below(16)).map { _ in UInt8(below(256)) }, at: place)
        case .repetition: bytes.insert(contentsOf: bytes[place..<end], at: below(bytes.count))
        case .splice:
            let other = originals[below(originals.count)]
            bytes = Array(bytes[..<place] + other[min(other.count, below(2) == 0 ? place : below(other.count))...])
        case .fieldSwap, .typeConfusion, .edit: bytes = edited(bytes, kind)
        case .replay: break
        }
        return bytes
    }

    /// Changes one member of the object, and writes it well again.
    private mutating func edited(_ bytes: [UInt8], _ kind: Kind) -> [UInt8] {
        guard case .object(var members)? = try? JSONParser.parse(bytes[...]),
            case .object(let others)? = try? JSONParser.parse(originals[below(originals.count)][...])
        else { return bytes }
        let keys = members.keys.sorted()
        let key = keys[below(keys.count)]
        switch kind {
        case .fieldSwap: members[key] = others[key]
        case .typeConfusion: members[key] = confused(members[key] ?? .null)
        default: edit(&members)
        }
        return Array(JSONDocument.object(members).text.utf8)
    }

    private mutating func confused(_ value: JSONDocument) -> JSONDocument {
        switch below(9) {
        case 0: .null
        case 1: .bool(below(2) == 0)
        case 2: .array([value])
        case 3: .object(["value": value])
        case 4: .number("-1")
        case 5: .number("1e400")
        case 6: if case .number(let digits) = value { .string(digits) } else { .number("7") }
        case 7: if case .number(let digits) = value { .number(digits + ".0") } else { .string("") }
        default: .string(String(repeating: "A", count: below(300)))
        }
    }

    /// What an attacker would like to change.
    private mutating func edit(_ members: inout [String: JSONDocument]) {
        switch below(8) {
        case 0: members["version"] = .number("\(1 + below(1 << 40))")
        case 1: members["target"] = .string(["all", "node/gw-7", "group/plant", "node/gw-8"][below(4)])
        case 2: members["expires"] = nil
        case 3: members["expires"] = .number("9007199254740991")
        case 4: members["only"] = below(2) == 0 ? nil : .array([.string("gw-7")])
        case 5: members["type"] = .string(["configuration", "bundle", "manifest", "keys"][below(4)])
        case 6: members["start"] = below(2) == 0 ? nil : .string("asked")
        default: members["not_before"] = below(2) == 0 ? nil : .number("1")
        }
    }
}
