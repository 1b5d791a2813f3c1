import SedgeCore
import Testing

@testable import Store

struct CheckpointTests {
    let fixture = StoreFixture()

    private func checkpoint(_ stream: String, _ part: String, _ data: [UInt8]) throws -> Checkpoint {
        Checkpoint(stream: try StreamID(stream), part: part, data: data)
    }

    @Test func givesBackWhatWasSaved() throws {
        let saved = [
            try checkpoint("a", "learner", []), try checkpoint("a", "preprocessor", [1, 2, 3]),
            try checkpoint("b", "lanes", [UInt8](repeating: 9, count: 100_000)),
        ]
        let store = try fixture.open().store
        #expect(try store.saveCheckpoints(saved, at: fixture.now) == .saved(written: 3, unchanged: 0))
        try store.close()
        let loaded = try fixture.open().store.loadCheckpoints()
        #expect(loaded == LoadedCheckpoints(checkpoints: saved))
    }

    @Test func writesOnlyWhatChanged() throws {
        let store = try fixture.open().store
        let first = try checkpoint("a", "learner", [1, 2, 3])
        let second = try checkpoint("b", "learner", [4, 5, 6])
        _ = try store.saveCheckpoints([first, second], at: fixture.now)
        let before = store.flashBytesWritten
        #expect(try store.saveCheckpoints([first, second], at: fixture.now) == .saved(written: 0, unchanged: 2))
        #expect(store.flashBytesWritten == before)

        let changed = try checkpoint("b", "learner", [4, 5, 7])
        #expect(try store.saveCheckpoints([first, changed], at: fixture.now) == .saved(written: 1, unchanged: 1))
        #expect(try store.loadCheckpoints().checkpoints == [first, changed])
    }

    @Test func skipsAndNamesABlobThatReadsBackWrong() throws {
        let store = try fixture.open().store
        let good = try checkpoint("a", "learner", [1, 2, 3])
        _ = try store.saveCheckpoints([good, try checkpoint("b", "lanes", [4, 5, 6])], at: fixture.now)
        try store.connection.execute("UPDATE checkpoints SET data = x'040507' WHERE stream = 'b'")
        #expect(try store.loadCheckpoints() == LoadedCheckpoints(checkpoints: [good], damaged: ["b/lanes"]))
    }

    @Test func whatIsTooLargeHoldsNothingElseBack() throws {
        let store = try fixture.open { $0.flashBudgetPerDay = 800_000 }.store
        let large = try checkpoint("a", "lanes", [UInt8](repeating: 1, count: 800_000))
        let small = try checkpoint("a", "learner", [1])
        #expect(
            try store.saveCheckpoints([large, small], at: fixture.now, spare: ["lanes"])
                == .deferred(bytes: 1_613_824, isFirstToday: true))
        #expect(try store.loadCheckpoints().checkpoints == [small])
    }

    @Test func whatHasWaitedForLongIsWaitedForUnlessItNeverFits() throws {
        let store = try fixture.open { $0.flashBudgetPerDay = 800_000 }.store
        let small = try checkpoint("a", "learner", [1])
        for (size, saved) in [(300_000, []), (800_000, [small])] {
            let large = try checkpoint("a", "lanes", [UInt8](repeating: 1, count: size))
            guard
                case .deferred = try store.saveCheckpoints(
                    [large, small], at: fixture.now, spare: ["lanes"], isLate: true)
            else {
                Issue.record("\(size) bytes are within the pace")
                continue
            }
            #expect(try store.loadCheckpoints().checkpoints == saved)
        }
    }

    @Test func waitsForTheFlashBudgetUnlessUrgent() throws {
        let store = try fixture.open { $0.flashBudgetPerDay = 300_000 }.store
        let large = try checkpoint("a", "lanes", [UInt8](repeating: 1, count: 200_000))
        #expect(try store.saveCheckpoints([large], at: fixture.now) == .deferred(bytes: 401_408, isFirstToday: true))
        #expect(try store.loadCheckpoints().checkpoints.isEmpty)
        // Insights are always written.
        #expect(try store.commit([StoreFixture.insight(1)], connected: true).count == 1)
        #expect(
            try store.saveCheckpoints([large], at: fixture.now, isUrgent: true) == .saved(written: 1, unchanged: 0))
        #expect(try store.loadCheckpoints().checkpoints == [large])

        let small = try checkpoint("a", "learner", [1])
        #expect(
            try store.saveCheckpoints([small], at: fixture.now + 1_000_000)
                == .deferred(bytes: 8192, isFirstToday: false))
        fixture.now = fixture.now + 86_400_000_000
        #expect(try store.saveCheckpoints([small], at: fixture.now) == .saved(written: 1, unchanged: 0))
    }
}
