import FoundationEssentials
import SedgeCore
import Testing

@testable import Ingest

@Suite struct TimeTextTests {
    private func parse(_ text: String, unit: TimeUnit = .auto) -> Int64? {
        Array(text.utf8).withUnsafeBytes { TimeText.parse($0, unit: unit) }
    }

    @Test(arguments: [
        ("1970-01-01T00:00:00Z", 0), ("1970-01-01", 0), ("1970-01-01 00:00", 0), ("19700101T000001Z", 1_000_000),
        ("1970-01-01T00:00:00.5", 500_000), ("1970-01-01T00:00:00,25Z", 250_000),
        ("1970-01-01T00:00:00.1234567Z", 123_456), ("1970-01-01t01:00:00+01:00", 0), ("1970-01-01T01:00:00+0100", 0),
        ("1969-12-31T19:00:00-05", 0), ("2024-02-29T12:00:00Z", 1_709_208_000_000_000),
        ("2000-02-29T00:00:00Z", 951_782_400_000_000), ("1969-12-31T23:59:59.999999Z", -1),
        ("0001-01-01T00:00:00Z", -62_135_596_800_000_000), ("9999-12-31T23:59:59Z", 253_402_300_799_000_000),
        ("2016-12-31T23:59:60Z", 1_483_228_800_000_000), ("2016-12-31T23:59:60.7Z", 1_483_228_800_000_000),
        (" 12 ", 12_000_000), ("1700000000.5", 1_700_000_000_500_000), ("1.7e12", 1_700_000_000_000_000),
    ])
    func reads(text: String, expected: Int64) {
        #expect(parse(text) == expected)
    }

    @Test(arguments: [
        "", " ", "T", "2023-02-29", "1900-02-29", "2023-13-01", "2023-00-01", "2023-01-00", "2023-04-31",
        "2023-01-01T", "2023-01-01T24:00:00Z", "2023-01-01T12:60:00Z", "2023-01-01T12:00:61Z", "2023-01-01T12:00:00.Z",
        "2023-01-01T12:00:00+", "2023-01-01T12:00:00+1", "2023-01-01T12:00:00+24:00", "2023-01-01T12:00:00+01:60",
        "2023-01-01T12:00:00ZZ", "2023-01-01X12:00:00Z", "2023-1-1", "23-01-01", "2023-W01-1", "12:00:00",
        "nan", "inf", "1e300", "2023-01-01T12:00:00 Z", "2023-0101",
    ])
    func refuses(text: String) {
        #expect(parse(text) == nil)
    }

    @Test func agreesWithFoundationOnRandomDates() throws {
        let seed: UInt64 = 8601
        var random = SeededRandom(seed: seed)
        for _ in 0..<3000 {
            // 1900 to 2100, in milliseconds, which Foundation prints.
            let milliseconds = Int64.random(in: -2_208_988_800_000...4_102_444_800_000, using: &random)
            let date = Date(timeIntervalSince1970: Double(milliseconds) / 1000)
            let zone = TimeZone(secondsFromGMT: Int.random(in: -14 * 4...14 * 4, using: &random) * 900)!
            let style = Date.ISO8601FormatStyle(
                dateSeparator: Bool.random(using: &random) ? .dash : .omitted, dateTimeSeparator: .standard,
                timeSeparator: Bool.random(using: &random) ? .colon : .omitted,
                timeZoneSeparator: Bool.random(using: &random) ? .colon : .omitted, includingFractionalSeconds: false,
                timeZone: zone)
            let text = date.formatted(style)
            let reference = try style.parse(text).timeIntervalSince1970
            #expect(parse(text) == Int64(reference) * 1_000_000, "seed \(seed): \(text)")
        }
    }

    @Test func agreesWithFoundationOnWhatIsADate() {
        let seed: UInt64 = 3339
        var random = SeededRandom(seed: seed)
        let good = Array("2024-05-06T07:08:09Z".utf8)
        for _ in 0..<3000 {
            var bytes = good
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let place = [0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18].randomElement(using: &random)!
                bytes[place] = UInt8(ascii: "0") + UInt8.random(in: 0...9, using: &random)
            }
            let text = String(decoding: bytes, as: UTF8.self)
            guard let ours = parse(text) else { continue }
            // Foundation counts in the Julian calendar before 1582.
            guard text >= "1583" else { continue }
            // Foundation takes February 30 for March 1; what we take must be a date that prints as it was written.
            let date = Date(timeIntervalSince1970: Double(ours / 1_000_000))
            if !text.hasSuffix(":60Z") { #expect(date.formatted(.iso8601) == text, "seed \(seed)") }
        }
    }

    @Test func numbersAreScaledByTheirUnit() {
        #expect(TimeUnit.seconds.microseconds(Int64(5)) == 5_000_000)
        #expect(TimeUnit.milliseconds.microseconds(Int64(5)) == 5000)
        #expect(TimeUnit.microseconds.microseconds(Int64(5)) == 5)
        #expect(TimeUnit.nanoseconds.microseconds(Int64(5999)) == 5)
        #expect(TimeUnit.nanoseconds.microseconds(Int64(-1)) == -1)
        #expect(TimeUnit.nanoseconds.microseconds(Int64.min) == -9_223_372_036_854_776)
        #expect(TimeUnit.auto.microseconds(Int64(99_999_999_999)) == 99_999_999_999_000_000)
        #expect(TimeUnit.auto.microseconds(Int64(100_000_000_000)) == 100_000_000_000_000)
        #expect(TimeUnit.auto.microseconds(1_700_000_000.123456) == 1_700_000_000_123_456)
        #expect(TimeUnit.auto.microseconds(-0.5) == -500_000)
        #expect(TimeUnit.seconds.microseconds(Int64.max) == nil)
        #expect(TimeUnit.seconds.microseconds(9e18) == nil)
        #expect(TimeUnit.microseconds.microseconds(Int64.min) == nil)
        #expect(TimeUnit.auto.microseconds(Double.infinity) == nil)
        #expect(TimeUnit.auto.microseconds(Double.nan) == nil)
    }
}
