import ArgumentParser
import Messaging
import SedgeCore
import Testing

@testable import sedge

@Suite struct ArgumentTests {
    private func message(_ arguments: [String]) -> String {
        do {
            _ = try Sedge.parseAsRoot(arguments)
            return "parsed"
        } catch {
            #expect(Sedge.exitCode(for: error).rawValue == SedgeCore.ExitCode.usage.rawValue)
            return Sedge.message(for: error)
        }
    }

    @Test(arguments: [
        (["simulate", "--streams", "pump,fan"], "--streams names 'fan', expected pump, wearable, room"),
        (["simulate", "--count", "0"], "--count is 0, expected 1 to 100000"),
        (["simulate", "--fault-ramp", "0"], "--fault-ramp is 0.0, expected a number of seconds above 0"),
        (
            ["simulate", "--speed", "2"],
            "--speed above 1 needs --seconds or --start, or times would run into the future"
        ),
        (["simulate", "--start", "soon"], "--start is 'soon', expected a time (ISO 8601 or unix)"),
        (
            ["fleet", "simulate", "--trust", "a.key", "--seconds", "inf"], "--seconds is inf, expected a number above 0"
        ),
        (
            ["fleet", "simulate", "--trust", "a.key", "--canary-seconds", "1e300"],
            "--canary-seconds is 1e+300, expected 0 to 86400"
        ),
        (
            ["config", "init", "--host", "a\"b"],
            "--host is 'a\"b', expected a name or an address without quotes, backslashes and control characters"
        ),
        (["simulate", "--qos", "2"], "--qos is 2, expected 0 or 1"),
        (["simulate", "--cert", "a.pem"], "--cert and --key go together"),
        (["replay", "a.csv", "--rate", "0"], "--rate is 0.0, expected a number of messages a second above 0"),
        (["replay", "a.csv", "--rate", "5", "--speed", "2"], "--rate and --speed exclude each other"),
        (["replay", "a.csv", "--topic", "a/#"], "--topic is 'a/#', expected a topic without wildcards"),
        (
            ["replay", "a.csv", "--stream", "a b"],
            "--stream: found \"a b\", expected 1 to 64 characters of A-Z a-z 0-9 _ -"
        ),
        (
            ["replay", "a.csv", "--loop", "--speed", "max", "--retime", "now"],
            "--loop --retime now needs --limit, or times would run into the future; or --retime sent"
        ),
    ])
    func refusesWithASentence(arguments: [String], expected: String) { #expect(message(arguments) == expected) }

    @Test(arguments: [
        ["replay"], ["simulate", "--bogus"], ["nothing"], ["simulate", "--speed", "fast"],
        ["simulate", "--rate", "pump=0"], ["replay", "a.csv", "--column", "=b"],
        ["replay", "a.csv", "--retime", "later"],
    ])
    func refusesNonsense(arguments: [String]) { #expect(message(arguments) != "parsed") }

    @Test func readsRatesForAllOrSome() throws {
        let command = try #require(
            try Sedge.parseAsRoot(["simulate", "--rate", "5,room=0.1", "--seconds", "10", "--speed", "max"])
                as? SimulateCommand)
        #expect(SimulatedKind.allCases.map(command.rate.rate(of:)) == [5, 5, 0.1])
        #expect(command.speed == .unlimited && command.seconds == 10)
        #expect(SimulatedKind.allCases.map(SampleRates().rate(of:)) == [10, 20, 1])
    }

    @Test func readsColumns() {
        #expect(ColumnMapping(argument: "Volume Flow") == ColumnMapping(column: "Volume Flow", channel: "Volume Flow"))
        #expect(ColumnMapping(argument: "a=b=c") == ColumnMapping(column: "a=b", channel: "c"))
        #expect(ColumnMapping(argument: "") == nil && ColumnMapping(argument: "a=") == nil)
    }

    @Test func aPasswordComesFromAFileAndIsNeverShown() throws {
        let path = temporaryPath("password")
        try FileBytes.write(Array("s3cret\n".utf8), to: path)
        let options = try BrokerOptions.parse(["--username", "u", "--password-file", path, "--ca", "ca.pem"])
        let settings = try options.settings()
        #expect(settings.password?.reveal() == "s3cret")
        #expect(settings.port == 8883 && settings.tls?.ca == "ca.pem")
        #expect(!"\(settings)".contains("s3cret"))
        #expect(throws: Failure(.io, "cannot read /nonexistent: No such file or directory")) {
            try BrokerOptions.parse(["--password-file", "/nonexistent"]).settings()
        }
        #expect(throws: (any Error).self) { try BrokerOptions.parse(["--password", "s3cret"]) }
    }

    @Test func helpHasExamples() {
        #expect(Sedge.helpMessage().contains("EXAMPLES"))
        for command in Sedge.subcommands {
            #expect(Sedge.helpMessage(for: command).contains("EXAMPLES"), "\(command)")
        }
    }

    @Test(arguments: [(0, "0"), (999, "999"), (1000, "1,000"), (-1_234_567, "-1,234,567")])
    func groupsDigits(number: Int, text: String) { #expect(ProgressBar.grouped(number) == text) }

    @Test func aProgressBarFillsItsRoom() {
        let bar = ProgressBar(total: 200)
        for (done, width) in [(0, 80), (50, 80), (200, 80), (300, 80), (50, 30), (50, 5)] {
            let line = bar.line(done: done, rate: 12_345.6, width: width)
            if width >= 80 { #expect(line.count <= width && line.contains("▕") && line.contains("12,346/s")) }
            if width < 40 { #expect(!line.contains("▕")) }
        }
        #expect(bar.line(done: 100, rate: 0, width: 80).contains("50 %"))
        #expect(ProgressBar(total: 0).line(done: 1500, rate: 3, width: 80) == "1,500  3/s")
    }

    @Test func aSummaryIsALineOrJSON() {
        let summary = RunSummary(messages: 5000, skipped: 2, seconds: 2.5, acknowledged: 1, streams: 1)
        #expect(
            summary.line
                == "5,000 messages of 1 stream in 2.5 s (2,000/s), 1 acknowledged, 2 rows without values skipped")
        #expect(
            String(decoding: PayloadJSON.encode(summary), as: UTF8.self)
                == #"{"acknowledged":1,"messages":5000,"messages_per_second":2000,"seconds":2.5,"skipped":2,"streams":1}"#
        )
    }
}
