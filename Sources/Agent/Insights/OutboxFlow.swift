/// Decides when an insight goes out: at once while the broker is there, else later on `backfill`, in order.
///
/// Pure: the driver (`InsightSender`) reads the store and hands to the client what this says. Times are
/// nanoseconds on a clock that never jumps.
struct OutboxFlow {
    private(set) var isConnected = false
    /// Handed to the client in this connection and not acknowledged yet.
    private var inFlight: Set<Int64> = []
    /// Everything up to here is delivered, in flight, or was handed over by the backfill of this connection.
    private var cursor: Int64 = 0
    private var hasBacklog = false
    /// Grows with every reason to look at the store again, so that an older look can not call the backlog done.
    private var generation = 0
    private var allowance = 0.0
    private var lastTick: Int64?
    /// What the broker did not want: passed over until it is asked once more, on another connection too, since the next
    /// one is most likely to the same broker with the same rights.
    private var refusals: Set<Int64> = []
    /// Seconds for which nothing but these was left.
    private var rest = 0.0
    private var perSecond: Double

    init(perSecond: Int) { self.perSecond = Double(perSecond) }

    mutating func setRate(perSecond: Int) { self.perSecond = Double(perSecond) }

    mutating func connected() {
        isConnected = true
        inFlight.removeAll()
        cursor = 0
        gotBacklog()
    }

    /// What was in flight may or may not have arrived: it goes again, on `backfill`.
    mutating func disconnected() {
        isConnected = false
        inFlight.removeAll()
    }

    /// Whether a committed insight goes out live. Called before the client has it, since its acknowledgement may
    /// overtake the call's return.
    mutating func startsLive(_ seq: Int64) -> Bool {
        guard isConnected else {
            gotBacklog()
            return false
        }
        inFlight.insert(seq)
        return true
    }

    /// The client has no room for it now.
    mutating func notTaken(_ seq: Int64) {
        inFlight.remove(seq)
        cursor = min(cursor, seq - 1)
        gotBacklog()
    }

    /// The broker does not want it, as where a topic is forbidden. It will not want it a moment later either: the others
    /// go first, and a minute after the last of them it is asked again.
    mutating func refused(_ seq: Int64) {
        inFlight.remove(seq)
        refusals.insert(seq)
    }

    private static let pauseAfterRefusal = 60.0

    private mutating func askAgain(after elapsed: Double) {
        guard isConnected, !hasBacklog, let oldest = refusals.min() else { return }
        rest += elapsed
        guard rest >= Self.pauseAfterRefusal else { return }
        rest = 0
        cursor = min(cursor, oldest - 1)
        refusals.removeAll()
        gotBacklog()
    }

    /// The acknowledgement is in the store: only now can a look at it no longer find the insight.
    mutating func delivered(_ seqs: [Int64]) { inFlight.subtract(seqs) }

    /// How many backlogged insights may go now, and after which `seq`; nil: none.
    mutating func backfillRequest(now: Int64) -> BackfillRequest? {
        let elapsed = Double(now - (lastTick ?? now)) / 1e9
        lastTick = now
        askAgain(after: elapsed)
        guard isConnected, hasBacklog else { return nil }
        // At most a second's worth is saved up, so a long pause makes no burst.
        allowance = min(allowance + elapsed * perSecond, perSecond)
        return allowance >= 1 ? BackfillRequest(after: cursor, limit: Int(allowance), generation: generation) : nil
    }

    /// Whether a backlogged insight is to be sent now; one that is in flight already is passed over.
    mutating func startsBackfill(of seq: Int64) -> Bool {
        // An older request may name what a newer one has sent.
        guard isConnected, seq > cursor else { return false }
        cursor = seq
        guard !refusals.contains(seq), inFlight.insert(seq).inserted else { return false }
        allowance -= 1
        return true
    }

    /// The store holds insights that were not offered.
    mutating func gotBacklog() {
        hasBacklog = true
        generation += 1
    }

    /// The store had fewer than were asked for: this was all, unless more came meanwhile.
    mutating func backlogEnded(_ request: BackfillRequest) {
        if request.generation == generation { hasBacklog = false }
    }
}

/// A look at the store for insights to send on `backfill`.
struct BackfillRequest: Equatable {
    /// Those with a higher `seq`.
    let after: Int64
    let limit: Int
    fileprivate let generation: Int
}
