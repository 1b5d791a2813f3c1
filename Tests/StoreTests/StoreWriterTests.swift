import Dispatch
import SedgeCore
import Synchronization
import Testing

@testable import Store

struct StoreWriterTests {
    let fixture = StoreFixture()

    private func openWriter(capacity: Int = 1024) throws -> StoreWriter {
        let opened = try Store.open(at: fixture.path, options: fixture.options(), now: fixture.now)
        #expect(opened.warnings.isEmpty)
        let report = opened.report
        let writer = StoreWriter(opened.store, capacity: capacity)
        #expect(report == .fresh || report == .existing)
        return writer
    }

    @Test func runsJobsInOrder() throws {
        let writer = try openWriter()
        let order = Mutex<[Int]>([])
        for number in 0..<200 {
            #expect(writer.perform { _ in order.withLock { $0.append(number) } })
        }
        let seen = try writer.sync { _ in order.withLock { $0 } }
        #expect(seen == Array(0..<200))
        #expect(writer.queueDepth == 0)
        #expect(writer.close() == nil)
    }

    @Test func refusesAndCountsWhatDoesNotFit() throws {
        let writer = try openWriter(capacity: 3)
        let gate = DispatchSemaphore(value: 0)
        let begun = DispatchSemaphore(value: 0)
        let runs = Atomic(0)
        writer.perform { _ in
            begun.signal()
            gate.wait()
        }
        begun.wait()
        let taken = (0..<5).map { _ in writer.perform { _ in runs.add(1, ordering: .relaxed) } }
        #expect(taken == [true, true, true, false, false])
        #expect(writer.rejectedCount == 2)
        #expect(writer.queueDepth == 3)
        gate.signal()
        #expect(writer.close() == nil)
        #expect(runs.load(ordering: .relaxed) == 3)
    }

    @Test func closeRunsWhatWaitsAndFlushes() throws {
        let writer = try openWriter()
        for number in 0..<50 {
            writer.perform { _ = try? $0.commit([StoreFixture.insight(number)], connected: true) }
        }
        writer.perform { try? $0.acknowledge(Array(1...20)) }
        #expect(writer.close() == nil)
        #expect(fixture.names == ["sedge.db", "sedge.db.floor", "sedge.db.lock"])
        let store = try fixture.open().store
        #expect(store.lastSeq == 50)
        #expect(store.pendingCount == 30)
    }

    @Test func saysWhenItIsClosed() throws {
        let writer = try openWriter()
        #expect(writer.close() == nil)
        #expect(writer.close() == nil)
        #expect(!writer.perform { _ in })
        let error = #expect(throws: StoreError.self) { try writer.sync { $0.lastSeq } }
        #expect(error?.reason == .closed)
        #expect(error?.path == fixture.path)
    }

    @Test func passesErrorsOn() throws {
        let writer = try openWriter()
        let error = #expect(throws: StoreError.self) {
            try writer.sync { store in
                try store.connection.execute("SELECT * FROM nowhere")
            }
        }
        #expect(error?.message == #"no such table: nowhere, in "SELECT * FROM nowhere""#)
        #expect(try writer.sync { $0.lastSeq } == 0)
        writer.close()
    }

    @Test func servesManyThreadsAtOnce() throws {
        let writer = try openWriter()
        DispatchQueue.concurrentPerform(iterations: 8) { thread in
            for number in 0..<10 {
                _ = try? writer.sync { try $0.commit([StoreFixture.insight(thread * 10 + number)], connected: true) }
            }
        }
        #expect(try writer.sync { $0.lastSeq } == 80)
        #expect(try writer.sync { try $0.pending(after: 0, limit: 100).map(\.seq) } == Array(1...80))
        writer.close()
    }

    @Test func writesAcknowledgementsThatFindNoOtherWrite() throws {
        let opened = try Store.open(at: fixture.path, options: fixture.options(), now: fixture.now)
        _ = try opened.store.commit(StoreFixture.insights(0..<5), connected: true)
        let writer = StoreWriter(opened.store, acknowledgementDelay: 10)
        writer.perform { try? $0.acknowledge([1, 2]) }
        let deadline = SystemTime.monotonicNanoseconds() + 20_000_000_000
        var left: Int64 = 5
        while left > 3, SystemTime.monotonicNanoseconds() < deadline {
            let reader = try SQLiteConnection(path: fixture.path, mode: .readOnly)
            left = try reader.integer("SELECT count(*) FROM outbox")
        }
        #expect(left == 3)
        writer.close()
    }
}
