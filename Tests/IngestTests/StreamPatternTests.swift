import Ingest
import SedgeCore
import Testing

@Suite struct StreamPatternTests {
    private func match(_ pattern: StreamPattern, _ topic: String) -> String? {
        Array(topic.utf8).withUnsafeBytes { bytes in
            pattern.match(bytes).map { String(decoding: $0, as: UTF8.self) }
        }
    }

    @Test(
        arguments: [
            ("plant/{stream}/sensors", "plant/+/sensors", "plant/pump/sensors", "pump"),
            ("plant/{stream}/sensors", "plant/+/sensors", "plant/pump/sensor", nil),
            ("plant/{stream}/sensors", "plant/+/sensors", "plant/pump", nil),
            ("plant/{stream}/sensors", "plant/+/sensors", "plant/pump/sensors/x", nil),
            ("plant/{stream}/sensors", "plant/+/sensors", "plant/a/b/sensors", nil),
            ("plant/{stream}/sensors", "plant/+/sensors", "plant//sensors", ""),
            ("plant/{stream}/sensors", "plant/+/sensors", "", nil),
            ("{stream}", "+", "a", "a"),
            ("{stream}", "+", "$SYS", nil),
            ("$SYS/{stream}", "$SYS/+", "$SYS/uptime", "uptime"),
            ("+/{stream}", "+/+", "site/pump", "pump"),
            ("{stream}/#", "+/#", "pump/a/b/c", "pump"),
            ("{stream}/#", "+/#", "pump", "pump"),
            ("/{stream}", "/+", "/x", "x"),
            ("{stream}/", "+/", "x/", "x"),
            ("{stream}/", "+/", "x", nil),
        ] as [(String, String, String, String?)])
    func matchesAsMQTTDoes(text: String, filter: String, topic: String, expected: String?) throws {
        let pattern = try StreamPattern(text)
        #expect(pattern.filter == filter)
        #expect(match(pattern, topic) == expected)
    }

    @Test func aPatternWithoutALevelForTheStreamHasAnID() throws {
        let pattern = try StreamPattern("machine/temp", id: StreamID("machine"))
        #expect(pattern.filter == "machine/temp")
        #expect(match(pattern, "machine/temp") == "")
        #expect(match(pattern, "machine/temp2") == nil)
        #expect(match(try StreamPattern("#", id: StreamID("all")), "a/b") == "")
        #expect(match(try StreamPattern("#", id: StreamID("all")), "$SYS/b") == nil)
    }

    @Test(arguments: [
        ("", "is empty"), ("a/b", "needs an id"), ("{stream}/{stream}", "more than one"),
        ("a/#/{stream}", "last level"),
        ("a/b+/{stream}", "\"b+\""), ("a#/{stream}", "\"a#\""), ("x{stream}/a", "whole level"),
        ("{node}/a", "\"{node}\""),
        ("$share/g/{stream}", "shared"), ("a\u{0}/{stream}", "zero byte"),
        (String(repeating: "x", count: 65_536), "65535"),
    ])
    func refusesBadPatterns(text: String, reason: String) {
        do {
            _ = try StreamPattern(text)
            Issue.record("\(text) was taken")
        } catch {
            #expect(error.reason.contains(reason), "\(error)")
            #expect(error.description.hasPrefix("Topic \"\(text.prefix(200))\" "))
        }
    }

    @Test func refusesTwoNames() throws {
        let id = try StreamID("a")
        #expect(throws: StreamPatternError.self) { _ = try StreamPattern("x/{stream}", id: id) }
    }
}
