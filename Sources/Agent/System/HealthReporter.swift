import Messaging
import SedgeCore

/// Puts together what `health` says.
struct HealthReporter {
    private let bootID: String
    private let kernel: String
    private let threads: Int
    private let model: String
    private let started = SystemTime.monotonicNanoseconds()
    private var usage = ProcessUsage()
    private var last: (messages: UInt64, time: Int64) = (0, SystemTime.monotonicNanoseconds())

    init(bootID: String, kernel: String, threads: Int, model: String) {
        self.bootID = bootID
        self.kernel = kernel
        self.threads = threads
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
            cpuPercent: usage.cpuPercent(), queueDepth: counts.waiting, droppedTotal: Int64(counts.dropped),
            decodeErrorsTotal: Int64(pipeline.decodeErrors),
            lateTotal: Int64(pipeline.streams.reduce(0) { $0 + $1.lateCount }),
            suppressedTotal: Int64(pipeline.streams.reduce(0) { $0 + $1.policy.suppressed }),
            insightsLostTotal: Int64(parts.sender.lostCount), flashBytesWrittenTotal: store.flashBytes,
            messagesPerSecond: rate, messagesTotal: Int64(counts.received), streams: pipeline.streams.count,
            kernel: kernel, threads: threads,
            reconnectsTotal: Int64(parts.client.reconnects + (parts.input?.reconnects ?? 0)),
            outboxPending: store.pending, model: model,
            version: Version.current, bootID: bootID)
    }
}
