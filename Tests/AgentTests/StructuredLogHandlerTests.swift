import Agent
import Logging
import SedgeCore
import Synchronization
import Testing

@Suite struct StructuredLogHandlerTests {
    private final class Lines: Sendable {
        let text = Mutex("")
        func write(_ bytes: [UInt8]) { text.withLock { $0 += String(decoding: bytes, as: UTF8.self) } }
    }

    private func logged(_ format: LogFormat, _ body: (Logger) -> Void) -> String {
        let lines = Lines()
        body(Logger(label: "test") { _ in StructuredLogHandler(format: format, level: .info, write: lines.write) })
        return lines.text.withLock { $0 }
    }

    @Test func logfmtQuotesWhatNeedsIt() {
        let line = logged(.logfmt) { $0.info("two words", metadata: ["b": "x=\"y\"", "a": "plain", "c": ""]) }
        #expect(line.hasPrefix("ts=20"))
        #expect(line.hasSuffix(#"level=info msg="two words" a=plain b="x=\"y\"" c="""# + "\n"))
    }

    @Test func aLineBreakNeverMakesASecondLine() {
        let line = logged(.logfmt) { $0.info("one\ntwo") }
        #expect(line.split(separator: "\n").count == 1)
    }

    @Test func jsonLinesAreObjects() throws {
        let line = logged(.json) { $0.warning("a \"b\"", metadata: ["n": "1"]) }
        let object = try PayloadJSON.decode([String: String].self, from: Array(line.utf8))
        #expect(object["level"] == "warning" && object["msg"] == "a \"b\"" && object["n"] == "1")
    }

    @Test func whatIsBelowTheLevelIsLeftOut() {
        #expect(logged(.logfmt) { $0.debug("hidden") } == "")
    }
}
