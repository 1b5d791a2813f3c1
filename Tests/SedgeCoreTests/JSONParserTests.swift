import SedgeCore
import Testing

/// The strict reader behind bundles, and the writer beside it.
struct JSONParserTests {
    private func parse(_ text: String) throws(JSONParser.Failure) -> JSONDocument {
        try JSONParser.parse(Array(text.utf8)[...])
    }

    @Test func readsEveryKindOfValue() throws {
        let value = try parse(
            " { \"a\" : [ null , true , false , -0.5e+3 , 0 , \"x\" ] , \"b\" : { } , \"c\" : [ ] }\n")
        #expect(
            value
                == .object([
                    "a": .array([.null, .bool(true), .bool(false), .number("-0.5e+3"), .number("0"), .string("x")]),
                    "b": .object([:]), "c": .array([]),
                ]))
    }

    @Test func escapesAreUndoneAndMadeAgain() throws {
        let text = #""\" \\ \/ \b \f \n \r \t \u00fc \ud83d\ude00 \u0000 ü😀""#
        let value = try parse(text)
        #expect(value == .string("\" \\ / \u{8} \u{C} \n \r \t ü 😀 \0 ü😀"))
        #expect(try parse(value.text) == value)
        #expect(value.text.utf8.allSatisfy { (0x20..<0x7F).contains($0) })
    }

    @Test(arguments: [
        "", " ", "{", "[1,]", "{\"a\":1,}", "{\"a\" 1}", "{a:1}", "01", "-", "1.", ".5", "1e", "+1", "NaN", "Infinity",
        "tru", "nulll", "\"", "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"", "\"\\ud83d\"", "\"\\ud83dx\"",
        "\"\\ud83d\\u0041\"",
        "\"\\ude00\"", "\"\u{1}\"", "\"\n\"", "1 2", "{\"a\":1,\"a\":2}", "[1}", "{\"a\":1]", "'a'", "\u{FEFF}1",
    ])
    func refuses(text: String) {
        #expect(throws: JSONParser.Failure.self) { try parse(text) }
    }

    @Test func refusesWhatIsNotUTF8() {
        let failure = #expect(throws: JSONParser.Failure.self) {
            try JSONParser.parse([0x7B, 0x22, 0x61, 0x22, 0x3A, 0x22, 0xC3, 0x28, 0x22, 0x7D])
        }
        #expect(failure?.expected == "UTF-8")
        #expect(failure?.path == ["a"])
    }

    @Test func depthIsBounded() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        _ = try parse(nested(JSONParser.maximumDepth))
        #expect(throws: JSONParser.Failure.self) { try parse(nested(JSONParser.maximumDepth + 1)) }
    }

    @Test func aFailureSaysWhere() {
        let failure = #expect(throws: JSONParser.Failure.self) { try parse(#"{"a":{"b":[1,?]}}"#) }
        #expect(failure?.offset == 13)
        #expect(failure?.path == ["a", "b"])
        #expect(failure?.found == "'?'")
        #expect(failure?.expected == "a value")
    }
}
