import Logging
import Messaging
import SedgeCore
import Store
import Synchronization

/// Commits insights, then sees them through to the broker. The work is done on the store's thread.
final class InsightSender: Sendable {
    private struct State {
        var flow: OutboxFlow
        /// Not committed yet. Where the disk is full, or worse, it is tried again every second.
        var uncommitted: [Insight] = []
        /// Of the same streams, by `place`: to be committed together with them.
        var checkpoints: [String: Checkpoint] = [:]
        /// Since when commits fail, and when the next try is due; on the clock that never jumps.
        var failingSince: Int64?
        var retryAt = Int64.min
        var lost: UInt64 = 0
        /// Commits that found the database damaged since the last that succeeded.
        var damages = 0
        var acknowledged: [Int64] = []
        var figures = StoreFigures()
        var failureLimit = LogLimit()

        mutating func committed(_ count: Int, _ saved: [Checkpoint]) {
            uncommitted.removeFirst(count)
            // A newer one may have come meanwhile.
            for checkpoint in saved where checkpoints[Self.place(of: checkpoint)] == checkpoint {
                checkpoints[Self.place(of: checkpoint)] = nil
            }
            failingSince = nil
            damages = 0
        }

        /// A part of a stream: the newest takes the place of an older one.
        static func place(of checkpoint: Checkpoint) -> String { "\(checkpoint.stream)/\(checkpoint.part)" }
    }

    /// What `health` says of the store, as of the last job.
    struct StoreFigures {
        var pending = 0
        var flashBytes: Int64 = 0
        var dropped = 0
    }

    /// Insights that wait in memory for a disk that takes no more.
    private static let uncommittedLimit = 1000
    /// Nanoseconds between tries: each writes all that waits.
    private static let retryInterval: Int64 = 1_000_000_000
    /// Damage found by so many tries in a row, for a minute, does not pass by itself.
    private static let damageLimit = 60
    /// What waited longer for the disk is no news any more and goes by the backlog.
    private static let liveAge: Int64 = 10_000_000_000

    private let state: Mutex<State>
    private let writer: StoreWriter
    private let publish: @Sendable (_ topic: String, _ payload: [UInt8], _ seq: Int64) -> Bool
    private let topics: Topics
    private let log: Logger

    /// `publish` hands a message with QoS 1 to the client; false when it takes none.
    init(
        writer: StoreWriter, topics: Topics, backfillPerSecond: Int, log: Logger,
        publish: @escaping @Sendable (String, [UInt8], Int64) -> Bool
    ) {
        state = Mutex(State(flow: OutboxFlow(perSecond: backfillPerSecond)))
        self.writer = writer
        self.topics = topics
        self.log = log
        self.publish = publish
    }

    /// Committed as soon as the disk allows, together with the checkpoint, and published after that. A checkpoint may
    /// come alone: what it is of need not be told to be true.
    func submit(_ insights: [Insight], _ checkpoint: Checkpoint? = nil) {
        guard !insights.isEmpty || checkpoint != nil else { return }
        state.withLock { state in
            let room = Self.uncommittedLimit - state.uncommitted.count
            state.lost += UInt64(max(0, insights.count - room))
            state.uncommitted += insights.prefix(room)
            if let checkpoint { state.checkpoints[State.place(of: checkpoint)] = checkpoint }
        }
        writer.perform { [self] store in commit(in: store) }
    }

    /// The last try before the end; what still waits after it is lost, and that is said.
    func finish() {
        state.withLock { $0.retryAt = .min }
        _ = try? writer.sync { [self] store in commit(in: store) }
        let lost = state.withLock { UInt64($0.uncommitted.count) + $0.lost }
        guard lost > 0 else { return }
        log.error("insights are lost, since the store could not be written", metadata: ["count": "\(lost)"])
    }

    func setBackfill(perSecond: Int) { state.withLock { $0.flow.setRate(perSecond: perSecond) } }

    func connected() { state.withLock { $0.flow.connected() } }
    func disconnected() { state.withLock { $0.flow.disconnected() } }
    func refused(_ seq: Int64) { state.withLock { $0.flow.refused(seq) } }

    func acknowledged(_ seq: Int64) {
        state.withLock { $0.acknowledged.append(seq) }
    }

    /// Insights that were lost: neither disk nor memory could hold them, or they went for space or could not be read
    /// before a broker had them.
    var lostCount: UInt64 { state.withLock { $0.lost + UInt64($0.figures.dropped) } }

    /// The database can not be used any more: the next start moves it aside and begins a new one.
    var isDamaged: Bool { state.withLock { $0.damages >= Self.damageLimit } }

    var storeFigures: StoreFigures { state.withLock { $0.figures } }

    /// To be called about ten times a second: backlog, acknowledgements, what could not be committed.
    func tick(now: Int64) {
        let (request, hasWork) = state.withLock { state in
            (
                state.flow.backfillRequest(now: now),
                !state.acknowledged.isEmpty || !state.uncommitted.isEmpty || !state.checkpoints.isEmpty
            )
        }
        guard request != nil || hasWork else { return }
        writer.perform { [self] store in
            defer { note(store) }
            report { try acknowledge(in: store) }
            commit(in: store)
            if let request { report { try backfill(from: store, request) } }
        }
    }

    private func commit(in store: Store) {
        let now = SystemTime.monotonicNanoseconds()
        let (waiting, checkpoints, isLive): ([Insight], [Checkpoint], Bool) = state.withLock { state in
            guard now >= state.retryAt else { return ([], [], false) }
            let isLate = state.failingSince.map { now - $0 > Self.liveAge } ?? false
            return (state.uncommitted, Array(state.checkpoints.values), state.flow.isConnected && !isLate)
        }
        guard !waiting.isEmpty || !checkpoints.isEmpty else { return }
        report {
            let committed: [OutgoingInsight]
            do throws(StoreError) {
                committed = try store.commit(waiting, connected: isLive, checkpoints: checkpoints)
            } catch {
                commitFailed(error, waiting.count, checkpoints, at: now)
                throw error
            }
            state.withLock { state in
                state.committed(waiting.count, checkpoints)
                if !isLive { state.flow.gotBacklog() }
            }
            for insight in committed {
                guard insight.isLive, state.withLock({ $0.flow.startsLive(insight.seq) }) else { continue }
                if !publish(topics.insight(insight.kind, insight.stream), insight.payload, insight.seq) {
                    state.withLock { $0.flow.notTaken(insight.seq) }
                }
            }
        }
    }

    func commitFailed(_ error: StoreError, _ count: Int, _ checkpoints: [Checkpoint], at now: Int64) {
        state.withLock { state in
            if error.reason == .floorBehind {
                // They are committed, and come by the backlog once the side file can be written.
                state.committed(count, checkpoints)
                state.flow.gotBacklog()
                return
            }
            if error.reason == .damaged { state.damages += 1 }
            state.failingSince = state.failingSince ?? now
            state.retryAt = now + Self.retryInterval
        }
    }

    private func acknowledge(in store: Store) throws {
        let acknowledged = state.withLock { $0.acknowledged }
        guard !acknowledged.isEmpty else { return }
        try store.acknowledge(acknowledged)
        state.withLock { state in
            state.acknowledged.removeFirst(acknowledged.count)
            state.flow.delivered(acknowledged)
        }
    }

    private func backfill(from store: Store, _ request: BackfillRequest) throws {
        let pending = try store.pending(after: request.after, limit: request.limit)
        if pending.count < request.limit { state.withLock { $0.flow.backlogEnded(request) } }
        for insight in pending where state.withLock({ $0.flow.startsBackfill(of: insight.seq) }) {
            if !publish(topics.backfill(insight.kind, insight.stream), insight.resendPayload(), insight.seq) {
                state.withLock { $0.flow.notTaken(insight.seq) }
                return
            }
        }
    }

    /// Keeps the store's figures where other threads can read them.
    func note(_ store: Store) {
        let figures = StoreFigures(
            pending: store.pendingCount, flashBytes: store.flashBytesWritten, dropped: store.dropped)
        state.withLock { $0.figures = figures }
        if let error = store.maintenanceError { complain(error) }
    }

    private func report(_ body: () throws -> Void) {
        do {
            try body()
        } catch {
            complain(error)
        }
    }

    /// Once a minute: a full disk fails ten times a second.
    private func complain(_ error: any Error) {
        guard state.withLock({ $0.failureLimit.allows(now: SystemTime.monotonicNanoseconds()) }) else { return }
        log.error("the store can not be written", metadata: ["error": "\(error)"])
    }
}
