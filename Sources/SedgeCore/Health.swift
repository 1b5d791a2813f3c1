/// How the node itself is: the retained payload of `health`; the JSON form is `docs/schema/health.json`.
///
/// What ends in `Total` counts since the process started and never goes back.
package struct Health: Codable, Sendable, Equatable {
    package var v = 1
    package var ts: Timestamp
    /// Seconds since the process started.
    package var uptime: Double
    /// Resident memory.
    package var rssBytes: Int64
    /// Share of one core since the last report, 0 to 100 times the number of cores.
    package var cpuPercent: Double
    /// Messages that wait for the pipeline.
    package var queueDepth: Int
    /// Messages thrown away: the queue was full, or they were above 1 MiB.
    package var droppedTotal: Int64
    /// Payloads that were decoded, and that could not be.
    package var decodedTotal: Int64
    package var decodeErrorsTotal: Int64
    /// Messages of no stream: their topic can not name one, or there are as many as allowed.
    package var unassignedTotal: Int64
    /// Samples that came after their time had passed.
    package var lateTotal: Int64
    /// Insights that the rate limit kept back.
    package var suppressedTotal: Int64
    /// Insights that neither disk nor memory could hold, or that went for space or could not be read before a broker
    /// had them.
    package var insightsLostTotal: Int64
    package var flashBytesWrittenTotal: Int64
    /// Received, since the last report.
    package var messagesPerSecond: Double
    /// Received.
    package var messagesTotal: Int64
    /// Streams that have been seen.
    package var streams: Int
    /// The kernels in use: `scalar`, `neon`…
    package var kernel: String
    /// Threads that share a batch of the encoder.
    package var threads: Int
    /// Connections to a broker after the first.
    package var reconnectsTotal: Int64
    /// Insights that no broker has acknowledged yet.
    package var outboxPending: Int
    /// Name and version of the bundle.
    package var model: String?
    /// The agent's version.
    package var version: String
    package var bootID: String

    package init(
        ts: Timestamp, uptime: Double, rssBytes: Int64, cpuPercent: Double, queueDepth: Int, droppedTotal: Int64,
        decodedTotal: Int64 = 0, decodeErrorsTotal: Int64, unassignedTotal: Int64 = 0, lateTotal: Int64,
        suppressedTotal: Int64, insightsLostTotal: Int64,
        flashBytesWrittenTotal: Int64, messagesPerSecond: Double, messagesTotal: Int64,
        streams: Int, kernel: String, threads: Int = 1, reconnectsTotal: Int64, outboxPending: Int, model: String?,
        version: String, bootID: String
    ) {
        self.ts = ts
        self.uptime = uptime
        self.rssBytes = rssBytes
        self.cpuPercent = cpuPercent
        self.queueDepth = queueDepth
        self.droppedTotal = droppedTotal
        self.decodedTotal = decodedTotal
        self.decodeErrorsTotal = decodeErrorsTotal
        self.unassignedTotal = unassignedTotal
        self.lateTotal = lateTotal
        self.suppressedTotal = suppressedTotal
        self.insightsLostTotal = insightsLostTotal
        self.flashBytesWrittenTotal = flashBytesWrittenTotal
        self.messagesPerSecond = messagesPerSecond
        self.messagesTotal = messagesTotal
        self.streams = streams
        self.kernel = kernel
        self.threads = threads
        self.reconnectsTotal = reconnectsTotal
        self.outboxPending = outboxPending
        self.model = model
        self.version = version
        self.bootID = bootID
    }

    private enum CodingKeys: String, CodingKey {
        case v, ts
        case uptime = "uptime_s"
        case rssBytes = "rss_bytes"
        case cpuPercent = "cpu_percent"
        case queueDepth = "queue_depth"
        case droppedTotal = "dropped_total"
        case decodedTotal = "decoded_total"
        case decodeErrorsTotal = "decode_errors_total"
        case unassignedTotal = "unassigned_total"
        case lateTotal = "late_total"
        case suppressedTotal = "suppressed_total"
        case insightsLostTotal = "insights_lost_total"
        case flashBytesWrittenTotal = "flash_bytes_written_total"
        case messagesPerSecond = "messages_per_second"
        case messagesTotal = "messages_total"
        case streams, kernel, threads
        case reconnectsTotal = "reconnects_total"
        case outboxPending = "outbox_pending"
        case model, version
        case bootID = "boot_id"
    }

    /// Every key is always there: a model that is not known is null, so templates never miss a key.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(v, forKey: .v)
        try container.encode(ts, forKey: .ts)
        try container.encode(uptime, forKey: .uptime)
        try container.encode(rssBytes, forKey: .rssBytes)
        try container.encode(cpuPercent, forKey: .cpuPercent)
        try container.encode(queueDepth, forKey: .queueDepth)
        try container.encode(droppedTotal, forKey: .droppedTotal)
        try container.encode(decodedTotal, forKey: .decodedTotal)
        try container.encode(decodeErrorsTotal, forKey: .decodeErrorsTotal)
        try container.encode(unassignedTotal, forKey: .unassignedTotal)
        try container.encode(lateTotal, forKey: .lateTotal)
        try container.encode(suppressedTotal, forKey: .suppressedTotal)
        try container.encode(insightsLostTotal, forKey: .insightsLostTotal)
        try container.encode(flashBytesWrittenTotal, forKey: .flashBytesWrittenTotal)
        try container.encode(messagesPerSecond, forKey: .messagesPerSecond)
        try container.encode(messagesTotal, forKey: .messagesTotal)
        try container.encode(streams, forKey: .streams)
        try container.encode(kernel, forKey: .kernel)
        try container.encode(threads, forKey: .threads)
        try container.encode(reconnectsTotal, forKey: .reconnectsTotal)
        try container.encode(outboxPending, forKey: .outboxPending)
        try container.encode(model, forKey: .model)
        try container.encode(version, forKey: .version)
        try container.encode(bootID, forKey: .bootID)
    }
}
