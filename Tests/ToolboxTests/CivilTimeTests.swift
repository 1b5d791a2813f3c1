import SedgeCore
import Testing

@testable import sedge

@Suite struct CivilTimeTests {
    // Expected values from date(1): date -u -d TEXT +%s
    @Test(arguments: [
        ("1970-01-01", 0.0),
        ("2020-03-09 10:34:33", 1_583_750_073),
        ("2020-03-09T10:34:33Z", 1_583_750_073),
        ("2020-03-09T10:34:33.25+01:00", 1_583_746_473.25),
        ("2020-03-09T10:34:33,5-0130", 1_583_755_473.5),
        ("2000-02-29 23:59", 951_868_740),
        ("1969-12-31T23:59:59", -1),
        ("1583750073", 1_583_750_073),
        ("1583750073.25", 1_583_750_073.25),
        ("1583750073250", 1_583_750_073.25),
        ("1583750073250000", 1_583_750_073.25),
        ("1583750073250000000", 1_583_750_073.25),
    ])
    func reads(text: String, seconds: Double) {
        #expect(CivilTime.parse(text) == Timestamp(microseconds: Int64(seconds * 1e6)))
    }

    @Test(arguments: [
        "", "yesterday", "2020-13-01", "2020-02-30", "2019-02-29", "2020-3-9", "2020-03-09 25:00:00",
        "2020-03-09 10:61",
        "2020-03-09 10:34:33 Europe", "2020-03-09T10:34:33.", "2020-03-09T", "nan", "inf", "1e30", "2020-03-09T10:34+1",
    ])
    func refuses(text: String) { #expect(CivilTime.parse(text) == nil) }
}
