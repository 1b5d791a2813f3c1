import Inference
import Logging
import Messaging
import SedgeCore
import Store
import Synchronization

/// What the pipeline's thread does, again and again: samples, states, announcements, checkpoints, health.
final class AgentLoop {
    private var configuration: Configuration
    private let pipeline: Pipeline
    private let queue: InboundQueue
    private let parts: AgentParts
    private let gate: ReloadGate
    private let log: Logger
    private let desk: FeedbackDesk
    private var health: HealthReporter
    private var buffer: MessageBuffer
    /// Which of the buffer's messages the pipeline has not read.
    private var unread = 0..<0
    private var advanced = Periodic(everyMS: 50)
    private var ticked = Periodic(everyMS: 100)
    /// Whatever `health_interval_s` is: what waits for its time is let in by a clock that was just looked at.
    private var clockChecked = Periodic(everyMS: 10_000)
    private var reported: Periodic
    private var checkpointed: Periodic
    /// Encoder state is large, so it is saved hourly and at shutdown alone.
    private var lanesSaved = Periodic(everyMS: 3_600_000)
    /// Due at once: a box that restarts within the hour must prune too.
    private var retained = Periodic(everyMS: 3_600_000, startsDue: true)
    private var watched: Periodic?
    private var arrivals = AnnouncementPace()
    /// Whether the encoder's state has waited for the flash budget for an hour: then all parts wait for it.
    private var lanesAreLate = false
    /// Once: by then everything that a start needs has run.
    private var settled: Periodic? = Periodic(everyMS: 30_000)
    /// How many of the streams the store knows.
    private var notedStreams: Int

    init(
        configuration: Configuration, pipeline: Pipeline, queue: InboundQueue, parts: AgentParts,
        gate: ReloadGate, health: HealthReporter, log: Logger
    ) {
        self.configuration = configuration
        self.pipeline = pipeline
        self.queue = queue
        self.parts = parts
        self.gate = gate
        self.health = health
        self.log = log
        desk = FeedbackDesk(
            pipeline: pipeline, inbox: parts.feedback, writer: parts.writer, wakeup: queue.wakeup, log: log
        ) { [brokers = parts.brokers, topics = parts.topics] stream, payload in
            brokers.publish(topic: topics.feedbackAnswer(stream), payload: payload, retain: false)
        }
        buffer = queue.makeReaderBuffer()
        notedStreams = pipeline.streams.count
        reported = Periodic(everyMS: Int64(configuration.mqtt.healthIntervalS) * 1000, startsDue: true)
        checkpointed = Periodic(everyMS: Int64(configuration.store.checkpointIntervalS) * 1000)
        // Half the watchdog's time, as sd_watchdog_enabled(3) advises.
        watched = parts.notifier.watchdogMicroseconds.map { Periodic(everyMS: max(1, $0 / 2000), startsDue: true) }
        pipeline.whileBusy = { [unowned self] in feedWatchdog(SystemTime.monotonicNanoseconds()) }
    }

    /// Runs until `shouldStop` says so and the queue is empty; saves everything before it returns.
    func run(shouldStop: () -> Bool) {
        var stopping: Int64?
        while true {
            let isStopping = shouldStop()
            if unread.isEmpty {
                queue.wakeup.wait(milliseconds: isStopping ? 0 : 50)
                buffer = queue.exchange(buffer)
                unread = buffer.records.indices
            }
            let slice = unread.prefix(Self.sliceLength)
            unread.removeFirst(slice.count)
            let monotonic = SystemTime.monotonicNanoseconds()
            if let staged = gate.take() { gate.adopted(adopt(staged, monotonic)) }
            pipeline.process(buffer, slice, monotonic: monotonic)
            if advanced.isDue(monotonic) { pipeline.advance(to: SystemTime.now(), monotonic: monotonic) }
            noteNewStreams()
            desk.work(now: SystemTime.now())
            announceIfNeeded(monotonic)
            pipeline.publishStates(monotonic: monotonic)
            doPeriodically(monotonic)
            guard isStopping else { continue }
            stopping = stopping ?? monotonic
            if (slice.isEmpty && desk.isIdle) || monotonic - stopping! > Self.lastReading { break }
        }
        gate.close()
        if !unread.isEmpty {
            log.warning("messages were left unread at the end", metadata: ["count": "\(unread.count)"])
        }
        pipeline.stopTier2()
        save(includingLanes: true, isUrgent: true)
    }

    /// Goes over to another configuration: what the loop itself does follows it, too.
    private func adopt(_ staged: StagedConfiguration, _ monotonic: Int64) -> AdoptionReport {
        let former = configuration
        configuration = staged.configuration
        let report = pipeline.adopt(staged, now: SystemTime.now(), monotonic: monotonic)
        health.engine = staged.engine
        health.model = staged.bundles.standard.fingerprint
        if former.mqtt.healthIntervalS != configuration.mqtt.healthIntervalS {
            reported = Periodic(everyMS: Int64(configuration.mqtt.healthIntervalS) * 1000)
        }
        if former.store.checkpointIntervalS != configuration.store.checkpointIntervalS {
            checkpointed = Periodic(everyMS: Int64(configuration.store.checkpointIntervalS) * 1000)
        }
        if former.store.flashBudgetMBPerDay != configuration.store.flashBudgetMBPerDay {
            let bytes = configuration.store.flashBudgetBytesPerDay
            parts.writer.perform { $0.setFlashBudget(bytesPerDay: bytes) }
        }
        parts.sender.setBackfill(perSecond: configuration.mqtt.backfillPerSecond)
        parts.announcer.departed(report.departed)
        parts.outlet.needsDiscovery.store(true, ordering: .releasing)
        // Whatever was added meanwhile is noted below, and so is what came back.
        notedStreams = 0
        noteNewStreams()
        reported.makeDue()
        note()
        return report
    }

    /// What others may look at.
    private func note() {
        let counts = queue.counts
        parts.gauges.withLock { gauges in
            gauges.received = counts.received
            gauges.dropped = counts.dropped
            gauges.decoded = pipeline.decoded
            gauges.decodeErrors = pipeline.decodeErrors
            gauges.streams = pipeline.streams.count
            gauges.tallies.removeAll(keepingCapacity: true)
            for stream in pipeline.streams { gauges.tallies.append((stream.id, stream.tally)) }
        }
    }

    /// A flood must not hold up the end for longer, in nanoseconds.
    private static let lastReading: Int64 = 1_000_000_000

    /// Messages that are read before the loop looks at the time again: few milliseconds of work on the slowest core,
    /// and enough for full batches.
    private static let sliceLength = 256

    private func announceIfNeeded(_ monotonic: Int64) {
        let outlet = parts.outlet
        if parts.needsAnnouncement.exchange(false, ordering: .acquiringAndReleasing) {
            pipeline.forgetPublished()
            outlet.needsDiscovery.store(true, ordering: .releasing)
            reported.makeDue()
        }
        if outlet.hasArrivals.exchange(false, ordering: .acquiringAndReleasing) { arrivals.arrived(monotonic) }
        if arrivals.takeDue(monotonic) { outlet.needsDiscovery.store(true, ordering: .releasing) }
        guard parts.brokers.isConnected, outlet.needsDiscovery.exchange(false, ordering: .acquiringAndReleasing) else {
            return
        }
        arrivals.allNamed()
        let streams = pipeline.streams.map {
            HomeAssistantDiscovery.Stream(id: $0.id, insights: Set($0.configuration.insights))
        }
        if !parts.announcer.announce(streams) { outlet.needsDiscovery.store(true, ordering: .releasing) }
    }

    private func doPeriodically(_ monotonic: Int64) {
        if ticked.isDue(monotonic) {
            parts.sender.tick(now: monotonic)
            note()
            pipeline.adaptInIdleTime(steps: 0)
        }
        feedWatchdog(monotonic)
        if settled?.isDue(monotonic) == true {
            settled = nil
            ProgramPages.release()
        }
        if clockChecked.isDue(monotonic) { parts.outlet.checkClock(now: SystemTime.now()) }
        if reported.isDue(monotonic) { reportHealth(monotonic) }
        if checkpointed.isDue(monotonic) {
            if lanesSaved.isDue(monotonic) {
                lanesAreLate = parts.needsLanes.exchange(true, ordering: .relaxed)
            }
            save(includingLanes: parts.needsLanes.load(ordering: .relaxed), isUrgent: false)
        }
        if retained.isDue(monotonic) {
            enforceRetention()
            pipeline.factory.archive.forgetOld(monotonic)
        }
    }

    private func feedWatchdog(_ monotonic: Int64) {
        if watched?.isDue(monotonic) == true { parts.notifier.watchdog() }
    }

    private func reportHealth(_ monotonic: Int64) {
        let now = SystemTime.now()
        let report = health.report(pipeline: pipeline, queue: queue, parts: parts, now: now, monotonic: monotonic)
        guard parts.brokers.isConnected else { return }
        _ = parts.brokers.publish(topic: parts.topics.health, payload: PayloadJSON.encode(report), retain: true)
    }

    private func save(includingLanes: Bool, isUrgent: Bool) {
        let checkpoints = pipeline.checkpoints(includingLanes: includingLanes)
        pipeline.flushReplay()
        let streams = pipeline.streams.map(stored)
        let (log, parts, budget) = (log, parts, configuration.store.flashBudgetBytesPerDay)
        let (spare, isLate) = (includingLanes ? Pipeline.hourlyParts : [], lanesAreLate)
        let job: @Sendable (Store) -> Void = { store in
            defer { parts.sender.note(store) }
            do {
                try store.upsertStreams(streams)
                let outcome = try store.saveCheckpoints(
                    checkpoints, at: SystemTime.now(), isUrgent: isUrgent,
                    spare: spare, isLate: isLate)
                switch outcome {
                case .saved: if includingLanes { parts.needsLanes.store(false, ordering: .relaxed) }
                case .deferred(let bytes, isFirstToday: true):
                    log.notice(
                        "the flash budget puts learned state off: checkpoints come less often",
                        metadata: ["bytes": "\(bytes)", "budget_bytes_per_day": "\(budget)"])
                case .deferred: break
                }
            } catch {
                log.error("learned state could not be saved", metadata: ["error": "\(error)"])
            }
        }
        // The last one must not fall victim to a full queue.
        if isUrgent { _ = try? parts.writer.sync(job) } else { parts.writer.perform(job) }
    }

    private func stored(_ stream: StreamRuntime) -> StoredStream {
        StoredStream(
            id: stream.id, topic: stream.topic, firstSeen: stream.firstSeen, lastSeen: stream.lastSeen,
            retainedTopics: parts.topics.retained(stream.id))
    }

    /// A stream has to be known after a crash as soon as the broker retains something of it.
    private func noteNewStreams() {
        guard pipeline.streams.count > notedStreams else { return }
        let streams = pipeline.streams[notedStreams...].map(stored)
        parts.announcer.arrived(pipeline.streams[notedStreams...].map(\.id))
        notedStreams = pipeline.streams.count
        // If it fails, the next checkpoint does it.
        let feedback = streams.flatMap { pipeline.book(of: $0.id).entries }
        parts.writer.perform { store in
            try? store.upsertStreams(streams)
            // A stream that left and came back: what people said of it is still true.
            try? store.keepFeedback(feedback)
        }
    }

    private func enforceRetention() {
        let days = Int64(configuration.store.retentionDays)
        let megabytes = Int64(configuration.store.retentionMB)
        let log = log
        parts.writer.perform { [sender = parts.sender] store in
            defer { sender.note(store) }
            do {
                let report = try store.enforceRetention(
                    now: SystemTime.now(), maxAge: days * 86_400_000_000, maxBytes: megabytes * 1_000_000)
                if report.droppedUnacknowledged > 0 {
                    log.error(
                        "insights that no broker took were deleted for space",
                        metadata: ["count": "\(report.droppedUnacknowledged)"])
                }
                if report.isBelowLearned {
                    log.warning(
                        "store.retention_mb is below what was learned: the database stays above it",
                        metadata: ["bytes": "\(report.bytesAfter)", "retention_mb": "\(megabytes)"])
                }
            } catch {
                log.error("old insights could not be deleted", metadata: ["error": "\(error)"])
            }
        }
    }
}
