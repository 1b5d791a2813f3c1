import Inference
import Messaging
import SedgeCore

/// Puts together what `health` says.
struct HealthReporter {
    private let bootID: String
    /// What a reload may change.
    var engine: Engine
    var model: String
    private let started = SystemTime.monotonicNanoseconds()
    private var usage = ProcessUsage()
    private var last: (messages: UInt64, time: Int64) = (0, SystemTime.monotonicNanoseconds())

    init(bootID: String, engine: Engine, model: String) {
        self.bootID = bootID
        self.engine = engine
        self.model = model
    }

    mutating func report(
        pipeline: Pipeline, queue: InboundQueue, parts: AgentParts, now: Timestamp, monotonic: Int64
    ) -> Health {
        let counts = queue.counts
        let elapsed = Double(monotonic - last.time) / 1e9
        let rate = elapsed > 0 ? Double(counts.received - last.messages) / elapsed : 0
        last = (counts.received, monotonic)
        let store = parts.sender.storeFigures
        return Health(
            ts: now, uptime: Double((monotonic - started) / 1_000_000_000), rssBytes: ProcessUsage.residentBytes,
            cpuPercent: usage.cpuPercent(), queueDepth: counts.waiting,
            droppedTotal: Int64(counts.dropped) + Int64(parts.brokers.oversized), decodedTotal: Int64(pipeline.decoded),
            decodeErrorsTotal: Int64(pipeline.decodeErrors), unassignedTotal: Int64(pipeline.unassigned),
            lateTotal: Int64(pipeline.counts.late), suppressedTotal: Int64(pipeline.counts.suppressed),
            insightsLostTotal: Int64(parts.sender.lostCount), flashBytesWrittenTotal: store.flashBytes,
            messagesPerSecond: rate, messagesTotal: Int64(counts.received), streams: pipeline.streams.count,
            kernel: engine.kernels.name, threads: engine.threads,
            reconnectsTotal: Int64(parts.brokers.reconnects),
            outboxPending: store.pending, model: model,
            version: Version.current, bootID: bootID)
    }
}
