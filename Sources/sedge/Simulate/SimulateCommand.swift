import ArgumentParser
import SedgeCore

/// `sedge simulate`: believable sensors to try an agent with.
struct SimulateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Publish simulated sensors: a pump with a wearing bearing, a wearable, a room.",
        discussion: """
            One JSON message a sample, {"ts": milliseconds, "vibration": …}, to plant/pump-1/sensors (vibration in
            mm/s, temperature in °C, current in A), body/wearable-1/sensors (ax, ay, az in g) and home/room-1/sensors
            (temperature in °C, humidity in %, co2 in ppm). The same seed gives the same values. All times count in
            simulated seconds.

            EXAMPLES
              sedge simulate
                  all three in real time until Ctrl-C; the bearing wears from 5 minutes on
              sedge simulate --seconds 1200 --speed 20 --fault-at 900 --labels truth.csv
                  20 minutes within one; the times end at now
              sedge simulate --streams pump --count 100 --rate 10 --no-fault
                  a load of 1,000 messages a second
            """)

    @OptionGroup(title: "Broker") var broker: BrokerOptions
    @OptionGroup(title: "Publishing") var publishing: PublishOptions

    @Option(help: ArgumentHelp("Which of pump, wearable, room, separated by commas.", valueName: "list"))
    var streams = "pump,wearable,room"

    @Option(help: "How many pumps; the fault is in the first.")
    var count = 1

    @Option(help: ArgumentHelp("Samples a second, for all or as pump=50,room=0.1.", valueName: "rates"))
    var rate = SampleRates()

    @Option(help: ArgumentHelp("Multiples of real time, or max.", valueName: "factor"))
    var speed = Pace.speed(1)

    @Option(help: ArgumentHelp("End after so many simulated seconds.", valueName: "seconds"))
    var seconds: Double?

    @Option(help: "The time of the first sample (default: so that no sample lies in the future).")
    var start: String?

    @Option(help: "What the randomness comes from.")
    var seed: UInt64 = 1

    @Option(help: ArgumentHelp("When the first pump's bearing begins to wear.", valueName: "seconds"))
    var faultAt = 300.0

    @Option(help: ArgumentHelp("From the first damage to the full one.", valueName: "seconds"))
    var faultRamp = 60.0

    @Flag(help: "No wear.")
    var noFault = false

    @Option(help: ArgumentHelp("Write what really happened to this CSV file.", valueName: "file"))
    var labels: String?

    func validate() throws {
        _ = try kinds()
        if !(1...100_000).contains(count) { throw ValidationError("--count is \(count), expected 1 to 100000") }
        if let seconds, !(seconds > 0 && seconds <= 1e9) {
            throw ValidationError("--seconds is \(seconds), expected a number above 0")
        }
        if !(faultAt >= 0 && faultAt <= 1e9) {
            throw ValidationError("--fault-at is \(faultAt), expected 0 or more seconds")
        }
        if !(faultRamp > 0 && faultRamp <= 1e9) {
            throw ValidationError("--fault-ramp is \(faultRamp), expected a number of seconds above 0")
        }
        if let start, CivilTime.parse(start) == nil {
            throw ValidationError("--start is '\(start)', expected a time (ISO 8601 or unix)")
        }
        if seconds == nil, start == nil, speed.isFasterThanRealTime {
            throw ValidationError("--speed above 1 needs --seconds or --start, or times would run into the future")
        }
    }

    func run() throws {
        let kinds = try kinds()
        let settings = try broker.settings()
        let wear = noFault ? nil : BearingWear(start: faultAt, ramp: faultRamp)
        let start =
            start.flatMap(CivilTime.parse)
            ?? Retiming.start(
                now: SystemTime.now(), duration: Int64((seconds ?? 0) * 1e6), pace: speed, count: 0)
        var simulation = Simulation(
            groups: kinds.map { kind in (rate.rate(of: kind), sources(kind, wear: wear)) },
            pace: speed, start: start, seconds: seconds)
        let total = simulation.messageCount
        try writeTruth(kinds, wear: wear, start: start, seconds: seconds)

        Interruption.watch()
        let publisher = Publisher(
            settings: settings, clientID: broker.clientID(for: "simulate"), qos: publishing.qos)
        try publisher.connect(within: publishing.connectTimeout)
        let began = SystemTime.monotonicNanoseconds()
        var progress = ProgressReport(total: total, now: began, interval: 1_000_000_000)
        let done = simulation.run(into: publisher, began: began) { done, now in progress.update(done: done, now: now) }
        progress.finish()
        defer { publisher.disconnect() }
        try publisher.settle(within: 10)
        let elapsed = Double(SystemTime.monotonicNanoseconds() - began) * 1e-9
        if Interruption.isRequested {
            try writeTruth(kinds, wear: wear, start: start, seconds: speed.simulated(elapsed, of: seconds))
        }
        RunSummary(
            messages: done, skipped: 0, seconds: elapsed, acknowledged: publisher.acknowledged,
            streams: simulation.streamCount
        ).report(asJSON: publishing.json)
    }

    func kinds() throws -> [SimulatedKind] {
        let names = streams.split(separator: ",", omittingEmptySubsequences: false)
        return try SimulatedKind.allCases.filter { kind in
            for name in names where SimulatedKind(rawValue: String(name)) == nil {
                throw ValidationError("--streams names '\(name)', expected pump, wearable, room")
            }
            return names.contains { $0 == kind.rawValue }
        }
    }

    private func number(of kind: SimulatedKind) -> Int { kind == .pump ? count : 1 }

    private func sources(_ kind: SimulatedKind, wear: BearingWear?) -> [Simulation.Source] {
        (1...number(of: kind)).map { number in
            Simulation.Source(
                topic: kind.topic(number), channels: kind.channels,
                model: kind.model(number: number, seed: seed, wear: number == 1 ? wear : nil))
        }
    }

    private func writeTruth(
        _ kinds: [SimulatedKind], wear: BearingWear?, start: Timestamp, seconds: Double?
    ) throws {
        guard let labels else { return }
        let wearables =
            kinds.contains(.wearable)
            ? [SimulatedKind.wearable.model(number: 1, seed: seed, wear: nil)].compactMap { $0 as? WearableModel } : []
        let truth = SimulationTruth(
            wear: kinds.contains(.pump) ? wear : nil, worn: SimulatedKind.pump.stream(1),
            wearables: wearables.map { (SimulatedKind.wearable.stream(1), $0) }, start: start, seconds: seconds)
        try FileBytes.write(Array(truth.csv.utf8), to: labels)
    }
}

extension Pace {
    var isFasterThanRealTime: Bool {
        switch self {
        case .speed(let speed): speed > 1
        case .rate, .unlimited: true
        }
    }

    /// Simulated seconds after so many real ones, where it was meant to be `planned` ones.
    fileprivate func simulated(_ elapsed: Double, of planned: Double?) -> Double? {
        guard case .speed(let speed) = self else { return planned }
        return min(elapsed * speed, planned ?? .infinity)
    }
}
