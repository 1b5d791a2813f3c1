import Ingest
import SedgeCore
import Testing

/// Seeded mutations of good payloads, each right before an unmapped page.
@Suite struct CodecFuzzTests {
    static let fragments = [
        "{", "}", "[", "]", "\"", ",", ":", "\\", "\n", "\r\n", "null", "NaN", "1e400", "-", "=", " ", ";", "\t",
        "99999999999999999999", "\u{FF}", "\u{0}", "1700000000", "\"ts\":", "-0", "#", "\\u0000", "\u{FEFF}",
    ].map { Array($0.utf8) }

    static func mutate(_ bytes: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            let place = Int.random(in: 0...bytes.count, using: &random)
            let end = Int.random(in: place...min(bytes.count, place + 8), using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0 where place < bytes.count: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 1: bytes.removeSubrange(place..<end)
            case 2: bytes.insert(contentsOf: fragments.randomElement(using: &random)!, at: place)
            case 3: bytes.insert(contentsOf: bytes[place..<end], at: place)
            case 4: bytes.removeLast(bytes.count - place)
            default: bytes.insert(UInt8.random(in: 0...255, using: &random), at: place)
            }
        }
        return bytes
    }

    @Test(arguments: ConformanceCase.all)
    func mutatedPayloadsNeverCrashNorReadTooFar(_ subject: ConformanceCase) throws {
        let seed: UInt64 = 20_261_123
        var random = SeededRandom(seed: seed)
        var settings = subject.settings
        if settings.kind == .json { settings.time = "$.ts" }
        if settings.kind == .csv { settings.time = "ts" }
        var codec = try makeCodec(settings)
        var rows = SampleRows(channels: settings.channels.count)
        let payload = GuardedPayload(capacity: 4096)
        let good = [
            subject.good, subject.good.replacing("other", with: "ts"), subject.withoutChannel ?? "1e5",
            subject.broken[0],
        ].map { Array($0.utf8) }
        var read = 0
        var refused = 0
        for _ in 0..<20_000 {
            let bytes = Self.mutate(good.randomElement(using: &random)!, &random)
            rows.removeAll()
            do throws(PayloadError) {
                try codec.decode(payload.place(bytes, filler: UInt8.random(in: 0...255, using: &random)), into: &rows)
                read += 1
                #expect(rows.values.allSatisfy { !$0.isInfinite }, "seed \(seed)")
            } catch {
                refused += 1
                #expect(rows.isEmpty && rows.unusableValues == 0, "seed \(seed): \(error)")
            }
            #expect(rows.values.count == rows.count * rows.channels)
        }
        // Mutations that are all refused, or all read, would test little.
        #expect(read > 500 && refused > 500, "\(read) read, \(refused) refused")
        rows.removeAll()
        try codec.decode(payload.place(Array(subject.good.utf8)), into: &rows)
        #expect(rows.count == subject.expected.count)
    }
}

extension String {
    /// The standard library has no `replacing` for plain texts without regular expressions' module.
    fileprivate func replacing(_ old: String, with new: String) -> String {
        var result: [UInt8] = []
        var rest = Array(utf8)[...]
        while !rest.isEmpty {
            if rest.starts(with: old.utf8) {
                result += Array(new.utf8)
                rest = rest.dropFirst(old.utf8.count)
            } else {
                result.append(rest.removeFirst())
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
