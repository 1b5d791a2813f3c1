import ArgumentParser
import Control
import SedgeCore
import TestSupport
import Testing

@testable import sedge

/// Stages, the board of a push, and keys in files.
@Suite struct RolloutTests {
    private let nodes = try! (1...40).map { try NodeID("gw-\($0)") }

    private func report(_ status: String, _ transaction: String) -> ReportedState {
        var state = ReportedState(ts: Timestamp(milliseconds: 1), status: status, active: [:], groups: [])
        state.transaction = transaction
        return state
    }

    @Test(arguments: [
        (["1", "10%", "all"], 40, [1, 4, 40]), (["1", "1%"], 40, [1, 40]), ([], 3, [3]), (["50"], 3, [3]),
        (["100%", "all"], 7, [7]), (["2", "1"], 5, [2, 5]),
    ])
    func stagesGrowAndEndWithAll(_ texts: [String], _ total: Int, _ expected: [Int]) throws {
        let stages = RolloutStages(stages: try texts.map { try #require(RolloutStages.Stage($0)) })
        #expect(stages.sizes(of: total) == expected)
    }

    @Test(arguments: ["0", "-1", "0%", "101%", "most", "", "1.5"]) func refusesStagesThatAreNone(_ text: String) {
        #expect(RolloutStages.Stage(text) == nil)
    }

    @Test func theBoardFollowsWhatWasSentAndNothingElse() throws {
        var board = PushBoard(nodes: nodes)
        board.sent("t1", to: nodes[..<2])
        board.heard(nodes[0], report("active", "t0"), isOpen: false, transaction: "")
        #expect(board.summary == "waiting 40")
        board.heard(nodes[0], report("active", "t1"), isOpen: false, transaction: "")
        board.heard(nodes[1], report("canary", "t1"), isOpen: false, transaction: "")
        #expect(board.summary == "active 1, canary 1, waiting 38")
        #expect(!board.areDone(nodes[..<2]) && board.failure == nil)
        board.heard(nodes[1], report("reverted", "t1"), isOpen: false, transaction: "")
        #expect(board.failure?.node == nodes[1])
        #expect(board.lines(limit: 3).first == "gw-2   reverted")
        #expect(board.lines(limit: 3).last == "… and 37 more")
    }

    @Test(arguments: [(0.5, "50"), (1e300, "100"), (-1e300, "0")])
    func aShareIsDrawnWhateverANodeReports(_ progress: Double, _ shown: String) {
        var board = PushBoard(nodes: Array(nodes[..<1]))
        board.sent("t1", to: nodes[..<1])
        var fetching = report("received", "t1")
        fetching.progress = progress
        board.heard(nodes[0], fetching, isOpen: false, transaction: "")
        #expect(board.lines(limit: 1) == ["gw-1  received \(shown) %"])
    }

    @Test func aNodeThatIsNamedTwiceIsOneTarget() throws {
        let target = try TargetOptions.parse(["--node", "gw-2", "--node", "gw-1", "--node", "gw-2"])
        #expect(try target.scopes() == [.node(nodes[1]), .node(nodes[0])])
    }

    @Test func aKeyFileIsForItsOwnerAlone() throws {
        let folder = TemporaryFolder()
        let path = folder.file("key")
        let key = SigningKey()
        try SigningKeyFile.write(key, to: path)
        #expect(try SigningKeyFile.read(path).trusted == key.trusted)
        #expect(throws: Failure.self) { try SigningKeyFile.write(SigningKey(), to: path) }
        let readable = try folder.write("readable", key.fileText)
        let error = #expect(throws: Failure.self) { try SigningKeyFile.read(readable) }
        #expect(error?.description.contains("expected 600") == true)
    }

    @Test func aLayerIsCheckedAsItWillBe() throws {
        let folder = TemporaryFolder()
        func check(_ text: String) throws { try LayerFile(folder.write("layer.toml", text)).checkAsLayer() }
        try check("[adaptation]\nalarms_per_week = 2\n")
        try check(#"{"mqtt":{"state_interval_ms":5}}"#)
        for text in ["node = \"x\"\n", "[mqtt]\nusername = \"x\"\n", "[mqtt]\nhostt = \"x\"\n", "x = \n", "[", "[]"] {
            #expect(throws: Failure.self, "\(text)") { try check(text) }
        }
    }

    @Test func whatIsPrintedToBeginWithIsAConfiguration() throws {
        let text = ConfigCommand.Init.text(node: "gw-9", host: "broker", keys: [SigningKey().trusted])
        let folder = TemporaryFolder()
        let file = try LayerFile(folder.write("sedge.toml", text))
        #expect(file.isWhole)
        let configuration = try Configuration(json: file.payload)
        #expect(configuration.node.description == "gw-9" && configuration.control.trustedKeys.count == 1)
    }

    @Test func theTableShowsWhatEachLayerSets() throws {
        let low = try JSONParser.parse(Array(#"{"adaptation":{"alarms_per_week":2}}"#.utf8)[...])
        let high = try JSONParser.parse(Array(#"{"adaptation":{"alarms_per_week":3}}"#.utf8)[...])
        let table = LayerTable(layers: [("a/low.toml", low), ("high.toml", high)])
        let text = table.text
        #expect(text.contains("low.toml") && text.contains("high.toml"))
        let line = text.split(separator: "\n").first { $0.hasPrefix("adaptation.alarms_per_week") }
        #expect(line?.split(separator: " ").map(String.init) == ["adaptation.alarms_per_week", "1", "2", "3", "3"])
        #expect(
            String(decoding: PayloadJSON.encode(table.rows), as: UTF8.self)
                == #"[{"default":"1","holds":"3","key":"adaptation.alarms_per_week","layers":["2","3"]}]"#)
    }

    @Test func theInventoryKnowsMembersAndVersions() throws {
        var inventory = FleetInventory(base: "sedge")
        var state = report("active", "t")
        state.groups = ["plant"]
        state.active = ["group/plant": 5]
        inventory.received("sedge/gw-1/config/reported", PayloadJSON.encode(state))
        inventory.received("sedge/gw-2/availability", Array("online".utf8))
        let plant = EnvelopeScope.group(try GroupID("plant"))
        #expect(inventory.members(of: plant).map(\.description) == ["gw-1"])
        #expect(inventory.members(of: .all).map(\.description) == ["gw-1", "gw-2"])
        #expect(inventory.highest(.configuration, plant) == 5)
        state.active = ["group/plant": .max]
        inventory.received("sedge/gw-3/config/reported", PayloadJSON.encode(state))
        #expect(inventory.highest(.configuration, plant) == 5)
        inventory.received("sedge/gw-3/config/reported", [])
        inventory.received("sedge/gw-1/config/reported", [])
        #expect(inventory.members(of: plant).isEmpty)
    }
}
