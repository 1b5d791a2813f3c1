import FoundationEssentials
import Ingest
import SedgeCore
import Testing

/// FoundationEssentials' JSONDecoder as the reference.
@Suite struct JSONAgreementTests {
    private struct Document: Decodable {
        struct Inner: Decodable {
            var acc: [Double]?
        }
        var a: Double?
        var b: Double?
        var data: Inner?
    }

    private static func number(_ random: inout SeededRandom) -> String {
        switch Int.random(in: 0..<6, using: &random) {
        case 0: return "\(Int64.random(in: .min ... .max, using: &random))"
        case 1: return "\(UInt64.random(in: 0 ... .max, using: &random))"
        case 2: return "\(Int.random(in: -100...100, using: &random))"
        case 3:
            // Foundation refuses numbers too small for a normal double.
            let value = Double(bitPattern: random.next())
            return value.isNormal ? "\(value)" : "0.5"
        case 4:
            let digits = (0..<Int.random(in: 1...30, using: &random)).map { _ in
                "\(Int.random(in: 0...9, using: &random))"
            }
            return "1.\(digits.joined())e\(Int.random(in: -300...300, using: &random))"
        default: return "\(random.uniform())"
        }
    }

    private static func filler(_ depth: Int, _ random: inout SeededRandom) -> String {
        switch Int.random(in: 0..<(depth > 3 ? 4 : 6), using: &random) {
        case 0: return number(&random)
        case 1: return ["true", "false", "null"].randomElement(using: &random)!
        case 2: return #""t\u00e9xt \"{[,:]}\\""#
        case 3: return "\"plain ü\""
        case 4: return "[" + (0..<3).map { _ in filler(depth + 1, &random) }.joined(separator: " , ") + "]"
        default: return "{\"a\":\(filler(depth + 1, &random)),\"k\\n\": \(filler(depth + 1, &random))}"
        }
    }

    @Test func agreesOnRandomDocuments() throws {
        let seed: UInt64 = 8259
        var random = SeededRandom(seed: seed)
        var decoding = try Decoding(.json, ["$.a", "$.b", "$.data.acc[1]"])
        for round in 0..<2000 {
            var members: [String] = []
            if random.uniform() < 0.8 { members.append("\"a\" : \(Self.number(&random))") }
            if random.uniform() < 0.8 {
                members.append("\"b\":\(random.uniform() < 0.1 ? "null" : Self.number(&random))")
            }
            if random.uniform() < 0.6 {
                let acc = (0..<Int.random(in: 0...3, using: &random)).map { _ in Self.number(&random) }
                members.append("\"data\":{\"acc\":[\(acc.joined(separator: ","))]}")
            }
            for index in 0..<Int.random(in: 0...3, using: &random) {
                members.append("\"f\(index)\":\(Self.filler(0, &random))")
            }
            members.shuffle(using: &random)
            let text = "{\(members.joined(separator: ",\n "))}"
            let reference = try JSONDecoder().decode(Document.self, from: Data(text.utf8))
            let acc = reference.data?.acc ?? []
            let expected = [reference.a, reference.b, acc.count > 1 ? acc[1] : nil]
            do throws(PayloadError) {
                try decoding.decode(text)
                #expect(decoding.values == [expected], "seed \(seed), round \(round): \(text)")
            } catch {
                #expect(error == .noChannel, "seed \(seed), round \(round): \(text)")
                #expect(expected == [nil, nil, nil], "seed \(seed), round \(round): \(text)")
            }
        }
    }

    @Test func refusesWhatTheReferenceRefuses() throws {
        let seed: UInt64 = 4627
        var random = SeededRandom(seed: seed)
        var decoding = try Decoding(.json, ["$.a"])
        let good = Array(#"{"a":1.5,"b":[true,null,"x\n"],"c":{"d":-2e3}}"#.utf8)
        for _ in 0..<5000 {
            let bytes = CodecFuzzTests.mutate(good, &random)
            guard (try? decoding.decode(bytes)) != nil else { continue }
            let isRead = (try? JSONDecoder().decode(Anything.self, from: Data(bytes))) != nil
            // Names of no number, numbers beyond a double and a byte order mark are read on purpose.
            let text = String(decoding: bytes, as: UTF8.self)
            let isLenient =
                text.contains("NaN") || text.contains("1e400") || text.contains("9999999")
                || text.hasPrefix("\u{FEFF}") || text.contains("e3")
            #expect(isRead || isLenient, "seed \(seed): \(text)")
        }
    }

    /// Any JSON at all.
    private struct Anything: Decodable {
        init(from decoder: any Decoder) throws {
            if let keyed = try? decoder.container(keyedBy: Key.self) {
                for key in keyed.allKeys { _ = try keyed.decode(Anything.self, forKey: key) }
            } else if var list = try? decoder.unkeyedContainer() {
                while !list.isAtEnd { _ = try list.decode(Anything.self) }
            }
        }
    }

    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
}
