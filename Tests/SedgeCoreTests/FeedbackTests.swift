import SedgeCore
import Testing

@Suite struct FeedbackTests {
    private func read(_ text: String) throws(FeedbackError) -> Feedback { try Feedback(payload: Array(text.utf8)) }

    private static func span(_ from: Int64, _ to: Int64) -> TimeSpan {
        TimeSpan(from: Timestamp(milliseconds: from), to: Timestamp(microseconds: to * 1000 + 999))
    }

    @Test func readsEachForm() throws {
        let span = Self.span(1000, 2000)
        #expect(try read(#"{"id":"1","insight":"last","verdict":"normal"}"#).content == .verdict(.normal, .lastInsight))
        #expect(
            try read(#"{"id":"1","insight":"ab","verdict":"anomaly"}"#).content == .verdict(.anomaly, .insight("ab")))
        #expect(
            try read(#"{"id":"1","verdict":"normal","from":1000,"to":2000}"#).content == .verdict(.normal, .span(span)))
        let label = try read(#"{"v":1,"id":"é 7","label":"spin-cycle","from":1000,"to":2000}"#)
        #expect(label == Feedback(id: "é 7", content: .label("spin-cycle", span)))
        #expect(try read(#"{"id":"2","revoke":"1"}"#).content == .revocation(of: "1"))
    }

    /// What is refused, with what its reason has to name and the id that is still told.
    @Test(arguments: [
        ("", "no JSON object", nil), ("[1]", "no JSON object", nil), ("{", "no JSON object", nil), ("{}", "id", nil),
        (#"{"id":5,"revoke":"1"}"#, "id", nil), (#"{"id":"","revoke":"1"}"#, "id", nil),
        (#"{"id":"a\nb","revoke":"1"}"#, "printable", nil),
        (#"{"id":"a"}"#, "verdict, label, revoke", "a"),
        (#"{"id":"a","verdict":"fine","insight":"last"}"#, "normal, anomaly", "a"),
        (#"{"id":"a","verdict":"normal"}"#, "insight", "a"),
        (#"{"id":"a","verdict":"normal","insight":"last","from":1,"to":2}"#, "insight", "a"),
        (#"{"id":"a","verdict":"normal","label":"x","insight":"last"}"#, "verdict and label", "a"),
        (#"{"id":"a","label":"x"}"#, "from", "a"), (#"{"id":"a","label":"x","from":5}"#, "to", "a"),
        (#"{"id":"a","label":"x","from":5,"to":4}"#, "5 or later", "a"),
        (#"{"id":"a","label":"x","from":-5,"to":4}"#, "from", "a"),
        (#"{"id":"a","label":"x","from":1.5,"to":4}"#, "integer", "a"),
        (#"{"id":"a","label":"x","from":1,"to":1e300}"#, "to", "a"),
        (#"{"id":"a","label":"","from":1,"to":2}"#, "label", "a"),
        (#"{"id":"a","labell":"x","from":1,"to":2}"#, "labell", "a"),
        (#"{"v":2,"id":"a","revoke":"1"}"#, "v", "a"),
    ])
    func saysWhatIsWrong(text: String, names: String, id: String?) {
        let error = #expect(throws: FeedbackError.self) { try read(text) }
        #expect(error?.reason.contains(names) == true, "\(error?.reason ?? "")")
        #expect(error?.id == id)
    }

    @Test func anyBytesAreRefusedOrUnderstood() {
        var random = SeededRandom(seed: 5)
        let good = Array(#"{"id":"1","label":"spin-cycle","from":1000,"to":2000}"#.utf8)
        for _ in 0..<2000 {
            var bytes = good
            for _ in 0..<3 { bytes[Int(random.next() % UInt64(good.count))] = UInt8(truncatingIfNeeded: random.next()) }
            do {
                let feedback = try Feedback(payload: bytes)
                #expect((1...64).contains(feedback.id.utf8.count))
            } catch {
                #expect(!error.reason.isEmpty)
            }
        }
    }

    @Test func anAnswerAlwaysHasEveryKey() {
        let answer = FeedbackAnswer(id: nil, .rejected, "x")
        #expect(
            String(decoding: PayloadJSON.encode(answer), as: UTF8.self)
                == #"{"id":null,"reason":"x","status":"rejected","v":1}"#)
    }
}
