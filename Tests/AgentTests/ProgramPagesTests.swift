import Agent
import SedgeCore
import Testing

/// Pages of files that are given back, in this very process.
@Suite struct ProgramPagesTests {
    private var residentOfFiles: Int {
        get throws {
            let status = String(decoding: try FileBytes.read("/proc/self/status", limit: 1 << 16), as: UTF8.self)
            let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("RssFile:") })
            return try #require(Int(line.split(separator: " ").dropLast().last ?? ""))
        }
    }

    @Test func goAndComeBackWhenTheyAreNeeded() throws {
        let before = try residentOfFiles
        ProgramPages.release()
        #expect(try residentOfFiles < before)
        // Whatever runs is there again, with tables that the dynamic linker has filled in.
        #expect(throws: JSONParser.Failure.self) { try JSONParser.parse(Array(#"{"a":[1,2.5,}"#.utf8)[...]) }
        #expect("äöü".uppercased() == "ÄÖÜ" && [3, 1, 2].sorted() == [1, 2, 3])
    }
}
