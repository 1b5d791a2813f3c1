import Control
import Inference
import Ingest
package import Logging
import Messaging
package import SedgeCore
import Store
import Synchronization

/// The agent, wired: broker → queue → pipeline → store → broker. Read `init` from top to bottom to see how.
package final class Agent: Sendable {
    let log: Logger
    let parts: AgentParts
    /// Of the configuration that holds.
    let running: Mutex<RunningConfiguration>
    /// Held during a reload: one at a time.
    let reloading = Mutex(())
    let gate: ReloadGate
    /// Changes from afar; nil: no key is trusted. Let go at the end, since it knows the agent.
    private let remote = Mutex<RemoteControl?>(nil)
    private let relay: MQTTRelay
    private let isStopping = Atomic(false)
    private let queue: InboundQueue
    /// Made in `open`, used by the pipeline's thread from `start` on.
    private let loop: Mutex<Handover<AgentLoop>?>
    private let thread = Mutex<WorkerThread?>(nil)

    /// Opens and checks all that the agent needs; connects to nothing yet.
    package static func open(_ configuration: Configuration, log: Logger, notifier: SystemNotifier) throws(AgentError)
        -> Agent
    {
        try classify(configuration) { try Agent(configuration, log, notifier) }
    }

    private init(_ file: Configuration, _ log: Logger, _ notifier: SystemNotifier) throws {
        self.log = log
        let now = SystemTime.now()
        var random = SystemRandomNumberGenerator()
        let bootID = random.next().hexadecimal

        // What is remembered, and with it what was sent: the file is only the lowest layer.
        let opened = try Self.openStore(file, bootID: bootID, now: now, log: log)
        let sent = try ControlMemory(opened.store, file: file)
        let layers = sent.usableLayers(file: file, log: log)
        let configuration = try layers.configuration()

        // The encoder.
        let bundles = try BundleSet(configuration)
        try ConfigurationCheck.check(configuration, against: bundles)
        let engine = try Engine(configuration.inference)
        let staged = StagedConfiguration(
            configuration: configuration, name: configuration.fingerprint(origin: layers.origin),
            patterns: try configuration.streams.map { try StreamPattern($0.topic, id: $0.id) }, bundles: bundles,
            engine: engine, built: try engine.makeEncoders(of: bundles))

        let memory = try AgentMemory(opened.store)
        for part in memory.damaged { log.warning("a damaged checkpoint is left out", metadata: ["part": "\(part)"]) }
        let writer = StoreWriter(opened.store)

        // The brokers.
        let topics = Topics(base: configuration.mqtt.baseTopic, node: configuration.node)
        let wakeup = Wakeup()
        queue = InboundQueue(wakeup: wakeup)
        gate = ReloadGate(wakeup: wakeup)
        let feedback = FeedbackInbox(prefix: topics.feedbackPrefix, wakeup: wakeup)
        relay = MQTTRelay(queue: queue, feedback: feedback, wakeup: wakeup, log: log)
        let discovery =
            configuration.mqtt.discoveryPrefix.isEmpty
            ? nil
            : HomeAssistantDiscovery(
                topics: topics, version: Version.current, prefix: configuration.mqtt.discoveryPrefix)
        try ConfigurationCheck.checkFiles(of: configuration.mqtt)
        let brokers = try Brokers(
            configuration.mqtt, topics: topics, statusTopic: discovery?.statusTopic, relay: relay)

        // From verdicts to subscribers.
        let sender = InsightSender(
            writer: writer, topics: topics, backfillPerSecond: configuration.mqtt.backfillPerSecond,
            log: log
        ) { brokers.publish(topic: $0, payload: $1, retain: false, token: $2) }
        writer.perform { sender.note($0) }
        let outlet = AgentOutlet(brokers: brokers, topics: topics, sender: sender)
        outlet.checkClock(now: now)

        // The streams.
        brokers.setSubscriptions(staged.subscriptions)
        let pipeline = Pipeline(
            configuration: configuration, configurationName: staged.name, models: staged.models(reusing: []),
            factory: StreamFactory(
                configuration: configuration, checkpoints: memory.checkpoints, seed: random.next()),
            table: StreamTable(patterns: staged.patterns), outlet: outlet, log: log, feedback: memory.feedback)
        pipeline.tier2Source = StoreTier2Source(
            writer: writer, models: staged.bundles.all.values.map(\.fingerprint), seed: random.next(), log: log)
        pipeline.renewTier2(former: [])
        let departed = pipeline.revive(
            memory.streams, named: Set(staged.patterns.compactMap(\.id)), now: now,
            monotonic: SystemTime.monotonicNanoseconds())
        for stream in departed {
            guard
                let end = memory.farewell(
                    to: stream, node: configuration.node, now: now, config: staged.name, clock: outlet.clockQuality)
            else { continue }
            sender.submit(end.insights, end.checkpoint)
        }
        let nodeTopics = NodeTopics.current(topics, discovery)
        let written = Set(pipeline.streams.flatMap { topics.retained($0.id) } + nodeTopics)
        let leftovers = memory.leftovers(of: departed, topics, written: written)
        if leftovers.topics.isEmpty { writer.perform { try? NodeTopics.save(nodeTopics, in: $0) } }
        let announcer = Announcer(
            brokers: brokers, topics: topics, discovery: discovery, writer: writer, leftovers: leftovers)

        parts = AgentParts(
            brokers: brokers, topics: topics, writer: writer, sender: sender, outlet: outlet, announcer: announcer,
            notifier: notifier, feedback: feedback)
        let health = HealthReporter(bootID: bootID, engine: engine, model: bundles.standard.fingerprint)
        loop = Mutex(
            Handover(
                AgentLoop(
                    configuration: configuration, pipeline: pipeline, queue: queue, parts: parts, gate: gate,
                    health: health, log: log)))
        running = Mutex(RunningConfiguration(staged))
        relay.connect(to: parts)
        if !sent.node.keys.isEmpty { takeChanges(sent, layers) }
        log.info(
            "sedged \(Version.current) is ready",
            metadata: [
                "node": "\(configuration.node)", "model": "\(bundles.standard.fingerprint)",
                "kernel": "\(engine.kernels.name)", "threads": "\(engine.threads)", "config": "\(staged.name)",
                "streams": "\(pipeline.streams.count)", "outbox": "\(memory.pendingCount)", "boot_id": "\(bootID)",
            ])
        for note in ConfigurationCheck.notes(on: configuration, with: bundles) { log.warning("\(note)") }
    }

    package func start() {
        guard let loop = loop.withLock({ $0.take() }) else { return }
        // From here on a change is taken, if not at once.
        gate.open()
        thread.withLock { thread in
            thread = WorkerThread(name: "sedge-pipeline") { [self] in
                loop.value.run { isStopping.load(ordering: .acquiring) }
            }
        }
        // Before the brokers: what was under way when the power went is taken up first.
        let remote = remote.withLock { $0 }
        remote?.start()
        parts.brokers.start()
    }

    /// Reads what was received, saves what was learned, sends what was committed, says goodbye. Takes seconds at most.
    package func stop() {
        remote.withLock { $0.take() }?.stop()
        // A reload that is under way comes to its end, a later one finds the pipeline stopped.
        reloading.withLock { _ in
            parts.brokers.stopSamples()
            isStopping.store(true, ordering: .releasing)
        }
        queue.wakeup.signal()
        thread.withLock { $0.take() }?.join()
        // After the jobs that wait, so that insights committed last still go out.
        parts.sender.finish()
        parts.brokers.stop()
        parts.sender.tick(now: SystemTime.monotonicNanoseconds())
        relay.disconnect()
        if let error = parts.writer.close() {
            log.error("the store could not be closed cleanly", metadata: ["error": "\(error)"])
        }
        log.info("sedged has stopped")
    }

    /// Takes an edited file: the lowest layer, under what was sent.
    package func applyFile(_ configuration: Configuration) -> ReloadOutcome {
        if let remote = remote.withLock({ $0 }) { return remote.fileChanged(configuration) }
        let sent: ControlMemory
        do {
            sent = try parts.writer.sync { store in try ControlMemory(store, file: configuration) }
        } catch {
            return .refused(AgentError(.io, "what was sent could not be read: \(error)"))
        }
        // What was sent while a key was trusted stays in force without one.
        let layers = sent.usableLayers(file: configuration, log: log)
        let outcome = apply((try? layers.configuration()) ?? configuration, origin: layers.origin)
        if case .refused = outcome { return outcome }
        if !sent.node.keys.isEmpty { takeFirstKeys(sent, layers) }
        return outcome
    }

    /// A file that names trusted keys where none was: what was sent and what will be counts from now on.
    private func takeFirstKeys(_ sent: ControlMemory, _ layers: LayeredConfiguration.Layers) {
        takeChanges(sent, layers)
        let remote = remote.withLock { $0 }
        remote?.start()
        if parts.brokers.isConnected { remote?.connected() }
        parts.outlet.needsDiscovery.store(true, ordering: .releasing)
    }

    /// Lets nodes with a trusted key change this one.
    private func takeChanges(_ sent: ControlMemory, _ layers: LayeredConfiguration.Layers) {
        let control = RemoteControl(
            memory: sent, layers: layers, writer: parts.writer,
            hooks: RemoteControl.Hooks(
                check: { configuration throws(AgentError) in try self.checkChange(to: configuration) },
                apply: { self.apply($0, origin: $1) }, observe: { self.observe() },
                model: { self.running.withLock { $0.bundles.standard.fingerprint } },
                publish: { [brokers = parts.brokers] in brokers.publish(topic: $0, payload: $1, retain: true) },
                subscribe: { [brokers = parts.brokers] in brokers.setControl($0, anew: $1) },
                offer: { [parts] version in
                    guard parts.announcer.offer(version) else { return }
                    parts.outlet.needsDiscovery.store(true, ordering: .releasing)
                },
                takesModels: { [parts] isSo in
                    guard parts.announcer.takesModels(isSo) else { return }
                    parts.outlet.needsDiscovery.store(true, ordering: .releasing)
                },
                isClockSynced: { [outlet = parts.outlet] in outlet.clockQuality == .synced }),
            log: log)
        _ = parts.announcer.takesModels(true)
        remote.withLock { $0 = control }
        relay.connect(to: control)
    }

    /// For `--once`: throws when the broker is not reached within ten seconds, or is lost after that.
    package func failWhenDisconnected() async throws {
        let start = ContinuousClock.now
        var wasConnected = false
        while true {
            let isConnected = parts.brokers.areAllConnected
            if wasConnected, !isConnected { throw AgentError(.unavailable, "the broker was lost") }
            if !wasConnected, ContinuousClock.now - start > .seconds(10) {
                throw AgentError(.unavailable, "the broker can not be reached")
            }
            wasConnected = isConnected
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    /// Throws when the database turns out to be damaged, which the next start can mend and this process can not.
    func failWhenDamaged() async throws {
        while !parts.sender.isDamaged { try await Task.sleep(for: .seconds(1)) }
        throw AgentError(.io, "the database is damaged: the next start moves it aside and begins a new one")
    }

    private static func openStore(
        _ configuration: Configuration, bootID: String, now: Timestamp, log: Logger
    ) throws -> sending OpenedStore {
        var options = StoreOptions(node: configuration.node, bootID: bootID)
        options.flashBudgetPerDay = configuration.store.flashBudgetBytesPerDay
        let opened = try Store.open(at: configuration.store.path, options: options, now: now)
        for warning in opened.warnings { log.warning("\(warning)") }
        return opened
    }
}
