import Inference
import Ingest
package import Logging
import Messaging
package import SedgeCore
import Store
import Synchronization

/// The agent, wired: broker → queue → pipeline → store → broker. Read `init` from top to bottom to see how.
package final class Agent: Sendable {
    private let configuration: Configuration
    private let log: Logger
    private let parts: AgentParts
    private let subscriptions: [String: Int]
    private let relay: MQTTRelay
    private let isStopping = Atomic(false)
    private let queue: InboundQueue
    /// Made in `open`, used by the pipeline's thread from `start` on.
    private let loop: Mutex<Handover<AgentLoop>>
    private let thread = Mutex<WorkerThread?>(nil)

    /// Opens and checks all that the agent needs; connects to nothing yet.
    package static func open(_ configuration: Configuration, log: Logger, notifier: SystemNotifier) throws(AgentError)
        -> Agent
    {
        try classify(configuration) { try Agent(configuration, log, notifier) }
    }

    /// Gives every error the status that the process ends with.
    private static func classify<Result>(
        _ configuration: Configuration, _ body: () throws -> Result
    ) throws(AgentError) -> Result {
        do {
            return try body()
        } catch let error as ConfigurationError {
            throw AgentError(error)
        } catch let error as KernelError {
            throw AgentError(
                ConfigurationError(
                    path: "inference.kernel", found: "\"\(configuration.inference.kernel)\"", expected: "\(error)"))
        } catch let error as BundleError {
            throw AgentError(.data, "\(error)")
        } catch let error as SelfTestError {
            throw AgentError(.data, "\(error)")
        } catch let error as BundleNotFound {
            throw AgentError(
                ConfigurationError(path: "inference.bundle", found: "\"\(error.name)\"", expected: "\(error)"))
        } catch {
            throw AgentError(.io, "\(error)")
        }
    }

    private static func kernels(_ configuration: Configuration) throws(KernelError) -> KernelSet {
        let name = configuration.inference.kernel
        return try KernelSet.select(name == "auto" ? nil : name)
    }

    private init(_ configuration: Configuration, _ log: Logger, _ notifier: SystemNotifier) throws {
        self.configuration = configuration
        self.log = log
        let now = SystemTime.now()
        var random = SystemRandomNumberGenerator()
        let bootID = random.next().hexadecimal

        // The encoder.
        let bundle = try BundleFile.read(configuration.inference.bundle)
        try ConfigurationCheck.check(configuration, against: bundle)
        let kernels = try Self.kernels(configuration)
        try bundle.selfTest(kernels: kernels)
        let encoder = StreamingEncoder(
            bundle: bundle, kernels: kernels, threads: min(configuration.inference.threads, ProcessorCount.online))
        encoder.tune(now: SystemTime.monotonicNanoseconds)

        // What is remembered.
        let opened = try Self.openStore(configuration, bootID: bootID, now: now, log: log)
        let memory = try AgentMemory(opened.store)
        for part in memory.damaged { log.warning("a damaged checkpoint is left out", metadata: ["part": "\(part)"]) }
        let writer = StoreWriter(opened.store)

        // The brokers.
        let topics = Topics(base: configuration.mqtt.baseTopic, node: configuration.node)
        let wakeup = Wakeup()
        queue = InboundQueue(wakeup: wakeup)
        relay = MQTTRelay(queue: queue, wakeup: wakeup, log: log)
        let discovery =
            configuration.mqtt.discoveryPrefix.isEmpty
            ? nil
            : HomeAssistantDiscovery(
                topics: topics, version: Version.current, prefix: configuration.mqtt.discoveryPrefix)
        try ConfigurationCheck.checkFiles(of: configuration.mqtt)
        let settings = try BrokerSettings(configuration.mqtt.publish ?? configuration.mqtt.connection)
        let client = MQTTClient(
            settings: settings, clientID: "sedged-\(configuration.node)", will: (topics.availability, Topics.offline),
            handlers: relay.handlers(takesMessages: configuration.mqtt.publish == nil), seed: random.next(),
            backoff: Backoff(configuration.mqtt.publish ?? configuration.mqtt.connection), maximumInFlight: 1000,
            statusTopic: discovery?.statusTopic)
        let input =
            configuration.mqtt.publish == nil
            ? nil
            : MQTTClient(
                settings: try BrokerSettings(configuration.mqtt.connection),
                clientID: "sedged-\(configuration.node)-in", will: nil, handlers: relay.inputHandlers,
                seed: random.next(), backoff: Backoff(configuration.mqtt.connection))

        // From verdicts to subscribers.
        let sender = InsightSender(
            writer: writer, topics: topics, backfillPerSecond: configuration.mqtt.backfillPerSecond,
            log: log
        ) { client.publish(topic: $0, payload: $1, qos: 1, retain: false, token: $2) }
        writer.perform { sender.note($0) }
        let outlet = AgentOutlet(client: client, topics: topics, sender: sender)
        outlet.checkClock(now: now)

        // The streams.
        let patterns = try configuration.streams.map { try StreamPattern($0.topic, id: $0.id) }
        subscriptions = Dictionary(
            patterns.map { ($0.filter, configuration.mqtt.sampleQoS) }, uniquingKeysWith: { first, _ in first })
        let pipeline = Pipeline(
            configuration: configuration, configurationName: configuration.fingerprint, bundle: bundle,
            encoder: encoder,
            factory: StreamFactory(
                configuration: configuration, bundle: bundle, checkpoints: memory.checkpoints, seed: random.next()),
            table: StreamTable(patterns: patterns), outlet: outlet, log: log)
        let departed = memory.streams.filter {
            !pipeline.revive($0.id, topic: $0.topic, lastSeen: $0.lastSeen, now: now)
        }
        for stream in departed {
            guard let end = memory.farewell(to: stream, node: configuration.node, now: now) else { continue }
            sender.submit([end.insight], end.checkpoint)
        }
        let nodeTopics = NodeTopics.current(topics, discovery)
        let written = Set(pipeline.streams.flatMap { topics.retained($0.id) } + nodeTopics)
        let leftovers = Announcer.Leftovers(
            streams: departed.map(\.id),
            topics: Set(
                memory.streams.flatMap(\.retainedTopics) + departed.flatMap { topics.retained($0.id) }
                    + memory.nodeTopics
            ).subtracting(written).sorted())
        if leftovers.topics.isEmpty { writer.perform { try? NodeTopics.save(nodeTopics, in: $0) } }
        let announcer = Announcer(
            client: client, topics: topics, discovery: discovery, writer: writer, leftovers: leftovers)

        parts = AgentParts(
            client: client, input: input, topics: topics, writer: writer, sender: sender, outlet: outlet,
            announcer: announcer,
            notifier: notifier)
        let health = HealthReporter(
            bootID: bootID, kernel: kernels.name, threads: encoder.threads, model: bundle.fingerprint)
        loop = Mutex(
            Handover(
                AgentLoop(
                    configuration: configuration, pipeline: pipeline, queue: queue, parts: parts, health: health,
                    log: log)))
        relay.connect(to: parts)
        log.info(
            "sedged \(Version.current) is ready",
            metadata: [
                "node": "\(configuration.node)", "model": "\(bundle.fingerprint)", "kernel": "\(kernels.name)",
                "threads": "\(encoder.threads)", "config": "\(configuration.fingerprint)",
                "streams": "\(pipeline.streams.count)",
                "outbox": "\(memory.pendingCount)", "boot_id": "\(bootID)",
            ])
        for note in ConfigurationCheck.notes(on: configuration) { log.warning("\(note)") }
    }

    /// Checks what `open` checks, and opens nothing. Notes on settings that do nothing in this version.
    package static func check(_ configuration: Configuration) throws(AgentError) -> [String] {
        try classify(configuration) {
            let bundle = try BundleFile.read(configuration.inference.bundle)
            try ConfigurationCheck.check(configuration, against: bundle)
            try bundle.selfTest(kernels: Self.kernels(configuration))
            try ConfigurationCheck.checkFiles(of: configuration.mqtt)
        }
        return ConfigurationCheck.notes(on: configuration)
    }

    package func start() {
        guard let loop = loop.withLock({ $0.take() }) else { return }
        thread.withLock { thread in
            thread = WorkerThread(name: "sedge-pipeline") { [self] in
                loop.value.run { isStopping.load(ordering: .acquiring) }
            }
        }
        (parts.input ?? parts.client).setSubscriptions(subscriptions)
        parts.client.start()
        parts.input?.start()
    }

    /// Reads what was received, saves what was learned, sends what was committed, says goodbye. Takes seconds at most.
    package func stop() {
        parts.input?.stop(deadline: .seconds(1))
        if parts.input == nil { parts.client.setSubscriptions([:]) }
        isStopping.store(true, ordering: .releasing)
        queue.wakeup.signal()
        thread.withLock { $0.take() }?.join()
        // After the jobs that wait, so that insights committed last still go out.
        parts.sender.finish()
        parts.client.stop(final: [(parts.topics.availability, Topics.offline)], deadline: .seconds(3))
        parts.sender.tick(now: SystemTime.monotonicNanoseconds())
        relay.disconnect()
        if let error = parts.writer.close() {
            log.error("the store could not be closed cleanly", metadata: ["error": "\(error)"])
        }
        log.info("sedged has stopped")
    }

    /// For `--once`: throws when the broker is not reached within ten seconds, or is lost after that.
    package func failWhenDisconnected() async throws {
        let start = ContinuousClock.now
        var wasConnected = false
        while true {
            let isConnected = parts.client.isConnected && parts.input?.isConnected != false
            if wasConnected, !isConnected { throw AgentError(.unavailable, "the broker was lost") }
            if !wasConnected, ContinuousClock.now - start > .seconds(10) {
                throw AgentError(.unavailable, "the broker can not be reached")
            }
            wasConnected = isConnected
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    private static func openStore(
        _ configuration: Configuration, bootID: String, now: Timestamp, log: Logger
    ) throws -> sending OpenedStore {
        var options = StoreOptions(node: configuration.node, bootID: bootID)
        options.flashBudgetPerDay = Int64(configuration.store.flashBudgetMBPerDay) * 1_000_000
        let opened = try Store.open(at: configuration.store.path, options: options, now: now)
        for warning in opened.warnings { log.warning("\(warning)") }
        return opened
    }
}

/// Carries a value that is not Sendable to the one thread that will own it.
///
/// `@unchecked Sendable`: taken once, under the lock of the `Mutex` around it.
private struct Handover<Value>: @unchecked Sendable {
    struct Taken: @unchecked Sendable { let value: Value }
    private var taken: Taken?

    init(_ value: Value) { taken = Taken(value: value) }

    mutating func take() -> Taken? {
        defer { taken = nil }
        return taken
    }
}
