import Agent
import Inference
import Messaging
import SedgeCore

/// Gathers what `DoctorObservation` judges: reads files, looks at the disk, listens at the brokers. Decides nothing,
/// and changes nothing on the gateway.
struct DoctorExamination {
    let path: String
    /// How long to listen.
    let seconds: Double
    /// Told the seconds that are left.
    let onProgress: (Int) -> Void

    /// Seconds in which a broker has to answer.
    private static let patience = 8.0

    func run() -> DoctorObservation {
        var read = ConfigurationObservation(path: path)
        let file: ConfigurationFile
        do {
            file = try ConfigurationFile(path: path)
        } catch let error as FileError {
            read.unreadable = String("\(error)".dropFirst(error.path.utf8.count + 2))
            return DoctorObservation(configuration: read, clock: Self.clock())
        } catch {
            read.unreadable = "\(error)"
            return DoctorObservation(configuration: read, clock: Self.clock())
        }
        let configuration = file.configuration
        read.node = configuration.node.description
        read.streamCount = configuration.streams.count
        read.notes = ConfigurationCheck.notes(on: configuration)
        let (bundle, encoder) = Self.encoder(configuration.inference)
        if encoder != nil {
            do {
                let bundles = try BundleSet(configuration)
                read.notes = ConfigurationCheck.notes(on: configuration, with: bundles)
                try ConfigurationCheck.check(configuration, against: bundles)
            } catch let error as ConfigurationError {
                read.contradiction = "\(file.locate(error))"
            } catch {
                read.contradiction = "a stream's bundle: \(error)"
            }
        }
        let holder = DiskExamination.holder(of: configuration.store.path)
        var observation = DoctorObservation(configuration: read, clock: Self.clock())
        observation.bundle = bundle
        observation.disk = DiskExamination.disk(configuration.store, holder: holder)
        observation.database = DiskExamination.database(configuration.store.path, holder: holder)
        listen(configuration, &observation, holder: holder)
        return observation
    }

    private static func encoder(_ configuration: InferenceConfiguration) -> (BundleObservation, EncoderBundle?) {
        var observation = BundleObservation(name: configuration.bundle)
        observation.available = KernelSet.available
        var kernels: KernelSet?
        do {
            kernels = try KernelSet.select(configuration.kernel == "auto" ? nil : configuration.kernel)
            observation.kernel = kernels?.name
        } catch {
            observation.kernelProblem = "\(error)"
        }
        var bundle: EncoderBundle?
        do {
            let read = try BundleFile.encoder(configuration.bundle)
            bundle = read
            observation.fingerprint = read.fingerprint
            if let kernels { try read.selfTest(kernels: kernels) }
        } catch let error as BundleNotFound {
            observation.problem = .init(code: .configuration, text: "\(error)")
        } catch let error as FileError {
            observation.problem = .init(code: .io, text: "\(error)")
        } catch {
            observation.problem = .init(code: .data, text: "\(error)")
        }
        return (observation, bundle)
    }

    private static func clock() -> ClockObservation {
        let synchronisation: ClockObservation.Synchronisation =
            !FileBytes.exists("/run/systemd/timesync")
            ? .unknown : FileBytes.exists("/run/systemd/timesync/synchronized") ? .synchronised : .unsynchronised
        return ClockObservation(now: SystemTime.now(), synchronisation: synchronisation)
    }

    // MARK: Brokers

    private func listen(_ configuration: Configuration, _ observation: inout DoctorObservation, holder: LockHolder?) {
        let mqtt = configuration.mqtt
        let topics = Topics(base: mqtt.baseTopic, node: configuration.node)
        let statePrefix = "\(topics.base)/\(topics.node)/state/"
        let agentFilters = Dictionary(
            uniqueKeysWithValues: [topics.availability, topics.health, "\(statePrefix)+"].map { ($0, 1) })
        let sampleFilters = Dictionary(
            StreamSurvey(configuration, now: observation.clock.now).filters.map { ($0, mqtt.sampleQoS) },
            uniquingKeysWith: { first, _ in first })

        var samples: BrokerStation
        var insights: BrokerStation?
        if let publish = mqtt.publish {
            samples = BrokerStation(mqtt.connection, purpose: "samples", filters: sampleFilters)
            insights = BrokerStation(publish, purpose: "insights", filters: agentFilters)
        } else {
            samples = BrokerStation(
                mqtt.connection, purpose: "samples and insights",
                filters: agentFilters.merging(sampleFilters) { first, _ in first })
        }
        samples.connect(within: Self.patience)
        insights?.connect(within: Self.patience)
        let hears = samples.observation.isConnected || insights?.observation.isConnected == true
        let listened = hears ? wait() : 0
        samples.stop()
        insights?.stop()
        observation.brokers = [samples.observation] + (insights.map { [$0.observation] } ?? [])

        let agentStation = insights ?? samples
        let isHeard = agentStation.observation.isConnected
        let now = SystemTime.now()
        let heard = AgentMessages(agentStation.messages, topics: topics, statePrefix: statePrefix)
        var agent = AgentObservation(
            topic: topics.availability, now: now, listened: isHeard ? listened : nil,
            healthInterval: Double(mqtt.healthIntervalS))
        agent.configuration = configuration.fingerprint
        agent.model = observation.bundle?.fingerprint
        agent.availability = heard.availability
        agent.firstHealth = heard.firstHealth
        agent.lastHealth = heard.lastHealth
        agent.runningConfigurations = Set(heard.states.values.compactMap(\.config))
        agent.holder = holder
        observation.agent = agent

        var survey = StreamSurvey(configuration, now: now)
        for message in samples.messages { survey.read(message) }
        observation.streams = survey.observed(
            states: heard.states, listened: samples.observation.isConnected ? listened : nil,
            agentIsOnline: isHeard ? agent.isOnline : nil)
    }

    /// Listens; returns the seconds that it took.
    private func wait() -> Double {
        let start = SystemTime.monotonicNanoseconds()
        let pause = Wakeup()
        var elapsed = 0.0
        while elapsed < seconds, !Interruption.isRequested {
            onProgress(Int((seconds - elapsed).rounded(.up)))
            pause.wait(milliseconds: Int(min(200, (seconds - elapsed) * 1000 + 1)))
            elapsed = Double(SystemTime.monotonicNanoseconds() - start) / 1e9
        }
        return elapsed
    }
}
