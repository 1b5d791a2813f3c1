import SedgeCore
import Testing

@testable import Store

struct ReplayTests {
    let fixture = StoreFixture()

    private static func piece(_ stream: String, _ slot: Int, size: Int = 100) -> StoredReplay {
        StoredReplay(
            stream: try! StreamID(stream), slot: slot, coverage: "state-\(slot % 2)/0", seen: slot + 1,
            data: [UInt8](repeating: UInt8(slot % 256), count: size))
    }

    @Test func givesBackWhatWasSaved() throws {
        let store = try fixture.open().store
        let pieces = (0..<5).map { Self.piece("a", $0) } + [Self.piece("b", 0)]
        #expect(try store.saveReplay(pieces, model: "m", at: fixture.now) == .saved(written: 6, unchanged: 0))
        try store.close()
        let again = try fixture.open().store
        #expect(try again.loadReplay(stream: StreamID("a"), model: "m", limit: 100) == Array(pieces[..<5]))
        #expect(try again.replayPlaces(model: "m").map(\.slot) == [0, 1, 2, 3, 4, 0])
        #expect(try again.loadReplay(stream: StreamID("a"), model: "other", limit: 100) == [])
    }

    @Test func aPieceTakesTheOldOnesPlace() throws {
        let store = try fixture.open().store
        _ = try store.saveReplay([Self.piece("a", 3, size: 10)], model: "m", at: fixture.now)
        var newer = Self.piece("a", 3, size: 20)
        newer.seen = 99
        _ = try store.saveReplay([newer], model: "m", at: fixture.now)
        #expect(try store.loadReplay(stream: StreamID("a"), model: "m", limit: 10) == [newer])
    }

    @Test(arguments: [1, 3, 7, 10]) func aLimitSpreadsOverAll(limit: Int) throws {
        let store = try fixture.open().store
        _ = try store.saveReplay((0..<10).map { Self.piece("a", $0) }, model: "m", at: fixture.now)
        let slots = try store.loadReplay(stream: StreamID("a"), model: "m", limit: limit).map(\.slot)
        #expect(slots.count == limit)
        #expect(slots == slots.sorted() && Set(slots).count == limit)
    }

    @Test func waitsWhenTheFlashBudgetIsSpent() throws {
        let store = try fixture.open { $0.flashBudgetPerDay = 100_000 }.store
        guard
            case .deferred = try store.saveReplay(
                (0..<50).map { Self.piece("a", $0, size: 5000) }, model: "m", at: fixture.now)
        else {
            Issue.record("it was written")
            return
        }
        #expect(try store.replayPlaces(model: "m").isEmpty)
    }

    @Test func forgetsAStreamAndOtherModels() throws {
        let store = try fixture.open().store
        _ = try store.saveReplay([Self.piece("a", 0), Self.piece("b", 0)], model: "m", at: fixture.now)
        _ = try store.saveReplay([Self.piece("c", 0)], model: "old", at: fixture.now)
        #expect(try store.deleteReplay(exceptModels: ["m"]) == 1)
        #expect(try store.deleteReplay(exceptModels: ["m"]) == 0)
        try store.deleteReplay(stream: StreamID("a"))
        #expect(try store.replayPlaces(model: "m").map(\.stream) == [StreamID("b")])
    }

    /// The shipped steps, from each schema there was: insights stay, and replay can be saved.
    @Test(arguments: 1..<SchemaMigrator.sedge.newest) func migratesFromEveryEarlierVersion(version: Int) throws {
        let steps = Array(SchemaMigrator.sedge.migrations[..<version])
        let old = try fixture.open(migrator: SchemaMigrator(steps))
        _ = try old.store.commit(StoreFixture.insights(0..<3), connected: false)
        try old.store.close()
        let opened = try fixture.open()
        #expect(opened.report == .migrated(from: version))
        #expect(try opened.store.pending(after: 0, limit: 10).count == 3)
        _ = try opened.store.saveReplay([Self.piece("a", 0)], model: "m", at: fixture.now)
        #expect(try opened.store.replayPlaces(model: "m").count == 1)
    }
}
