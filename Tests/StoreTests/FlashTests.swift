import SedgeCore
import Testing

@testable import Store

struct FlashBudgetTests {
    private static let day: Int64 = 86_400_000_000
    private let noon = Timestamp(microseconds: 20_000 * day + day / 2)

    @Test func allowsWhatIsLeftLessATenth() {
        var budget = FlashBudget(bytesPerDay: 1000)
        #expect(budget.allows(bytes: 900, at: noon))
        #expect(!budget.allows(bytes: 901, at: noon))
        budget.record(bytes: 600, at: noon)
        #expect(budget.allows(bytes: 300, at: noon))
        #expect(!budget.allows(bytes: 301, at: noon))
        budget.record(bytes: 5000, at: noon)
        #expect(!budget.allows(bytes: 0, at: noon))
        #expect(budget.spent(at: noon) == 5600)
    }

    /// Saved whenever it may be, learned state comes evenly: a large one less often, and none is left out in the evening.
    @Test(arguments: [(bytes: Int64(200), saves: 288), (700, 256), (2000, 89), (22_000, 8), (23_000, 7)])
    func whatIsWrittenOftenIsSpreadOverTheDay(bytes: Int64, saves: Int) {
        var budget = FlashBudget(bytesPerDay: 200_000)
        let midnight = noon + -Self.day / 2
        var saved: [Int64] = []
        for interval in Int64(0)..<288 {
            let time = midnight + interval * 300_000_000
            guard budget.paces(bytes: bytes, at: time) else { continue }
            budget.record(bytes: bytes, at: time)
            saved.append(interval)
        }
        #expect(saved.count == saves)
        #expect(budget.bytesToday <= 180_000)
        // From the hour on at which the first eighth is used, no wait is longer than twice the mean of the day.
        let waits = zip(saved, saved.dropFirst()).map { $1 - $0 }
        #expect(waits.allSatisfy { $0 <= 2 * Int64(288 / saves) + 1 }, "\(waits)")
        #expect(saved.last! > 288 - 2 * Int64(288 / saves) - 1)
    }

    @Test func beginsAnewAtMidnightUTC() {
        var budget = FlashBudget(bytesPerDay: 1000)
        budget.record(bytes: 1000, at: noon)
        #expect(!budget.allows(bytes: 1, at: noon + (Self.day / 2 - 1)))
        #expect(budget.allows(bytes: 900, at: noon + Self.day / 2))
        budget.record(bytes: 10, at: noon + Self.day / 2)
        #expect(budget.bytesToday == 10)
    }

    /// As on a box without a clock of its own, at every start.
    @Test func aClockThatGoesBackAndForthGrantsNothing() {
        var budget = FlashBudget(bytesPerDay: 1000)
        budget.record(bytes: 950, at: noon)
        for _ in 0..<3 {
            budget.record(bytes: 10, at: Timestamp(milliseconds: 0))
            #expect(!budget.allows(bytes: 1, at: noon))
            budget.record(bytes: 1, at: noon)
        }
        #expect(budget.bytesToday == 983)
        #expect(budget.allows(bytes: 900, at: noon + Self.day))
    }

    @Test func aClockThatGoesBackGrantsNothing() {
        var budget = FlashBudget(bytesPerDay: 1000)
        budget.record(bytes: 950, at: noon)
        #expect(!budget.allows(bytes: 1, at: noon + -3 * Self.day))
        budget.record(bytes: 10, at: noon + -3 * Self.day)
        #expect(budget.bytesToday == 960)
        // And one that was wrongly far ahead does not block for ever.
        #expect(budget.allows(bytes: 900, at: noon + -2 * Self.day))
    }
}

struct FlashMeterTests {
    let fixture = StoreFixture()

    /// What the kernel counted as written by this thread; nil where it does not count.
    private static func kernelCount() -> Int64? {
        guard let bytes = try? FileBytes.read("/proc/thread-self/io", limit: 4096) else { return nil }
        let line = String(decoding: bytes, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix("wchar: ") }
        return line.flatMap { Int64($0.dropFirst(7)) }
    }

    @Test(.enabled(if: kernelCount() != nil, "this kernel does not count what a thread writes"))
    func agreesWithTheKernel() throws {
        let store = try fixture.open { $0.logPages = 50 }.store
        let kernelBefore = try #require(Self.kernelCount())
        let before = store.flashBytesWritten
        var random = SeededRandom(seed: 5)
        for round in 0..<40 {
            let checkpoints = try (0..<5).map { number in
                Checkpoint(
                    stream: try StreamID("s-\(number)"), part: "learner",
                    data: (0..<3000).map { _ in UInt8.random(in: 0...255, using: &random) })
            }
            _ = try store.saveCheckpoints(checkpoints, at: fixture.now + Int64(round))
        }
        #expect(try store.checkpointLog(truncate: true))
        let kernel = Double(try #require(Self.kernelCount()) - kernelBefore)
        let measured = Double(store.flashBytesWritten - before)
        #expect(kernel > 1_000_000)
        #expect(abs(measured / kernel - 1) < 0.01, "measured \(measured), kernel \(kernel)")
    }

    @Test func countsOnlyTheLivePartOfALogThatBeganAgain() throws {
        let store = try fixture.open().store
        _ = try store.commit(StoreFixture.insights(0..<200, padding: 1000), connected: true)
        let log = "\(fixture.path)-wal"
        #expect(WriteAheadLog.distinctPages(path: log, pageSize: 4096) > 60)
        #expect(try store.checkpointLog(truncate: false))
        _ = try store.commit([StoreFixture.insight(200)], connected: true)
        #expect(try FileSystem.size(log) > 60 * 4120)
        #expect((2...6).contains(WriteAheadLog.distinctPages(path: log, pageSize: 4096)))
        #expect(WriteAheadLog.distinctPages(path: "\(fixture.path)-none", pageSize: 4096) == 0)
    }

    @Test func totalsOutliveTheProcess() throws {
        let first = try fixture.open().store
        _ = try first.commit(StoreFixture.insights(0..<10), connected: true)
        let total = first.flashBytesWritten
        #expect(total > 10_000)
        #expect(first.flashBytesWrittenToday == total)
        try first.close()

        fixture.now = fixture.now + 86_400_000_000
        let second = try fixture.open().store
        #expect(second.flashBytesWritten >= total)
        #expect(second.flashBytesWritten < total + 100_000)
        #expect(second.flashBytesWrittenToday < 50_000)
        #expect(try Int64(second.meta("flash_bytes_written_total") ?? "") ?? 0 >= total)
    }

    @Test func theLogIsCopiedOnceItIsLong() throws {
        let store = try fixture.open { $0.logPages = 64 }.store
        for number in 0..<200 { _ = try store.commit([StoreFixture.insight(number)], connected: true) }
        #expect(store.maintenanceError == nil)
        #expect(try FileSystem.size("\(fixture.path)-wal") < 80 * 4120)
        #expect(store.flash.logPages < 64 + 8)
    }
}
