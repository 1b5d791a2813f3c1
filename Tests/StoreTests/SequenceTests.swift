import SedgeCore
import Testing

@testable import Store

/// `seq` never goes back, whatever of the two files is lost.
struct SequenceTests {
    let fixture = StoreFixture()

    private func commit(_ count: Int, boot: String = "boot-1") throws {
        let store = try fixture.open(boot: boot).store
        _ = try store.commit(StoreFixture.insights(0..<count), connected: true)
        try store.close()
    }

    @Test func countsOnAfterALostDatabase() throws {
        try commit(10)
        fixture.remove("", "-wal", "-shm")
        let opened = try fixture.open()
        #expect(opened.report == .fresh)
        #expect(opened.warnings.count == 1)
        #expect(opened.warnings[0].contains("the side file's 10"))
        #expect(try opened.store.commit([StoreFixture.insight(1)], connected: true).map(\.seq) == [11])
    }

    @Test func countsOnAfterAnOlderDatabaseIsPutBack() throws {
        try commit(10)
        let old = try #require(try fixture.bytes())
        try commit(15)
        try fixture.write(old)
        let opened = try fixture.open()
        #expect(opened.report == .existing)
        #expect(opened.warnings.count == 1)
        #expect(opened.warnings[0].contains("its seq is 10, counting goes on from the side file's 25"))
        #expect(try opened.store.commit([StoreFixture.insight(1)], connected: true).map(\.seq) == [26])
    }

    @Test func countsOnAfterALostSideFile() throws {
        try commit(10)
        fixture.remove(".floor")
        let opened = try fixture.open()
        #expect(opened.warnings == ["the side file is missing; counting goes on from the database's seq 10"])
        #expect(try FloorFile(database: fixture.path).load() == .floor(Floor(node: "gw-7", seq: 10)))
        #expect(try opened.store.commit([StoreFixture.insight(1)], connected: true).map(\.seq) == [11])
    }

    /// Cut short, empty, one bit wrong, of another format.
    @Test(arguments: ["short", "empty", "bit", "format"]) func countsOnAfterADamagedSideFile(flaw: String) throws {
        try commit(10)
        var bytes = try #require(try fixture.bytes(".floor"))
        switch flaw {
        case "short": bytes.removeLast(12)
        case "empty": bytes = []
        case "bit": bytes[10] ^= 4
        default: bytes = Array("{\"v\":2}\ncrc32 \(String(CRC32.checksum(Array("{\"v\":2}".utf8)), radix: 16))\n".utf8)
        }
        try fixture.write(bytes, ".floor")
        let opened = try fixture.open()
        #expect(opened.warnings == ["the side file is damaged; counting goes on from the database's seq 10"])
        #expect(try opened.store.commit([StoreFixture.insight(1)], connected: true).map(\.seq) == [11])
    }

    @Test func countsOnAfterRetentionTookEveryInsightAndTheSideFileIsLost() throws {
        let store = try fixture.open().store
        _ = try store.commit(StoreFixture.insights(0..<10), connected: true)
        try store.acknowledge(Array(1...10))
        let report = try store.enforceRetention(now: fixture.now + 1000, maxAge: 10, maxBytes: 1 << 30)
        #expect(report.deletedByAge == 10)
        try store.close()
        fixture.remove(".floor")
        #expect(try fixture.open().store.lastSeq == 10)
    }

    @Test func acceptedVersionsTakeTheirPredecessorsPlaceAllAtOnce() throws {
        let store = try fixture.open().store
        try store.raiseAcceptedVersions(["change a": 1, "key": 1])
        try store.raiseAcceptedVersions(["change b": 2, "key": 1], replacing: ["change a"])
        try store.close()
        let expected: [String: Int64] = ["change b": 2, "key": 1]
        #expect(try fixture.open().store.acceptedVersions == expected)
        #expect(try FloorFile(database: fixture.path).load() == .floor(Floor(node: "gw-7", seq: 0, versions: expected)))
    }

    @Test func keepsTheHighestAcceptedVersionsInBothPlaces() throws {
        let store = try fixture.open().store
        try store.raiseAcceptedVersion("config", to: 4)
        try store.raiseAcceptedVersion("model", to: 9)
        try store.raiseAcceptedVersion("config", to: 3)
        try store.close()
        let expected: [String: Int64] = ["config": 4, "model": 9]

        fixture.remove(".floor")
        let withoutSideFile = try fixture.open()
        #expect(withoutSideFile.store.acceptedVersions == expected)
        try withoutSideFile.store.close()

        fixture.remove("", "-wal", "-shm")
        #expect(try fixture.open().store.acceptedVersions == expected)
    }

    @Test func saysWhenTheNodeHasAnotherName() throws {
        try commit(2)
        let options = StoreOptions(node: try NodeID("gw-8"), bootID: "b")
        let opened = try Store.open(at: fixture.path, options: options, now: fixture.now)
        #expect(opened.warnings == ["the node was called gw-7 and is now called gw-8"])
        #expect(opened.store.lastSeq == 2)
    }
}
