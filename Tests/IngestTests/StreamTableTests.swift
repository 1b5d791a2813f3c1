import Ingest
import SedgeCore
import Testing

@Suite struct StreamTableTests {
    private func table(_ patterns: String..., streams: Int = 256, topics: Int = 1024) throws -> StreamTable {
        StreamTable(
            patterns: try patterns.map { try StreamPattern($0) }, maximumStreams: streams, maximumTopics: topics)
    }

    @Test func namesStreamsAndKnowsThemAgain() throws {
        var table = try table("a/{stream}", "b/{stream}")
        #expect(table.lookup("a/x") == .new(index: 0, pattern: 0, id: try StreamID("x")))
        #expect(table.lookup("b/y") == .new(index: 1, pattern: 1, id: try StreamID("y")))
        #expect(table.lookup("a/x") == .known(0))
        #expect(table.lookup("b/y") == .known(1))
        #expect(table.lookup("c/y") == .unmatched)
        #expect(table.streams.map(\.id.description) == ["x", "y"])
        #expect(table.streams.map(\.pattern) == [0, 1])
    }

    @Test func theFirstPatternThatMatchesCounts() throws {
        var table = try table("a/{stream}", "+/{stream}")
        #expect(table.lookup("a/x") == .new(index: 0, pattern: 0, id: try StreamID("x")))
        #expect(table.lookup("b/y") == .new(index: 1, pattern: 1, id: try StreamID("y")))
    }

    @Test func mergesWhatAWildcardLetsThrough() throws {
        var table = try table("+/{stream}/#")
        #expect(table.lookup("a/x/1") == .new(index: 0, pattern: 0, id: try StreamID("x")))
        #expect(table.lookup("b/x/2") == .known(0))
        #expect(table.lookup("b/x/2") == .known(0))
    }

    @Test func makesIDsOfNamesWithOtherCharacters() throws {
        var table = try table("a/{stream}")
        #expect(table.lookup("a/pump 3.1") == .new(index: 0, pattern: 0, id: try StreamID("pump_3_1")))
        #expect(table.lookup("a/pump 3.1") == .known(0))
        #expect(table.lookup("a/ü") == .new(index: 1, pattern: 0, id: try StreamID("__")))
    }

    @Test func refusesNamesThatWouldMixStreams() throws {
        var table = try table("a/{stream}", "b/{stream}")
        _ = table.lookup("a/pump 3")
        #expect(table.lookup("a/pump_3") == .refused(.takenName))
        #expect(table.lookup("b/pump 3") == .refused(.takenName))
        #expect(table.lookup("a/") == .refused(.emptyName))
        #expect(table.lookup("a/" + String(repeating: "x", count: 65)) == .refused(.longName))
        #expect(table.lookup("a/" + String(repeating: "x", count: 64)) != .refused(.longName))
    }

    @Test func namesOneStreamByItsID() throws {
        let patterns = [
            try StreamPattern("m/+/temp", id: StreamID("m")), try StreamPattern("n", id: StreamID("m")),
        ]
        var table = StreamTable(patterns: patterns)
        #expect(table.lookup("m/1/temp") == .new(index: 0, pattern: 0, id: try StreamID("m")))
        #expect(table.lookup("m/2/temp") == .known(0))
        #expect(table.lookup("n") == .refused(.takenName))
    }

    @Test func isBoundedInStreams() throws {
        var table = try table("a/{stream}", streams: 2)
        _ = table.lookup("a/1")
        _ = table.lookup("a/2")
        for _ in 0..<3 { #expect(table.lookup("a/3") == .full(limit: 2)) }
        #expect(table.lookup("a/2") == .known(1))
    }

    @Test func findsStreamsBeyondTheTopicsItRemembers() throws {
        var table = try table("+/{stream}", topics: 4)
        _ = table.lookup("0/x")
        for round in 0..<2 {
            for index in 1..<100 { #expect(table.lookup("\(index)/x") == .known(0), "\(round)") }
        }
        #expect(table.streams.count == 1)
    }

    @Test func tellsManyTopicsApart() throws {
        var table = try table("+/{stream}/t", streams: 1000, topics: 1000)
        for index in 0..<1000 {
            #expect(table.lookup("p/s\(index)/t") == .new(index: index, pattern: 0, id: try StreamID("s\(index)")))
        }
        for index in 0..<1000 { #expect(table.lookup("p/s\(index)/t") == .known(index)) }
    }
}

extension StreamTable {
    fileprivate mutating func lookup(_ topic: String) -> StreamLookup {
        let bytes = Array(topic.utf8)
        return bytes.withUnsafeBytes { lookup(topic: $0) }
    }
}
