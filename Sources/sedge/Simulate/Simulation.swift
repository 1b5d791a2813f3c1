import SedgeCore

/// Plays simulated sensors into a sink.
struct Simulation {
    private struct Stream {
        let topic: String
        let model: any SignalModel
        var values: [Double]
        var json: SampleJSON
    }

    private var groups: [[Stream]]
    private let schedule: SimulationSchedule
    private let pace: Pace
    private let start: Timestamp
    /// Microseconds; nil: without end.
    private let length: Int64?

    struct Source {
        let topic: String
        let channels: [String]
        let model: any SignalModel
    }

    /// - Parameters:
    ///   - groups: sources with the same rate, in samples a second.
    ///   - start: event time of the first sample.
    init(groups: [(rate: Double, sources: [Source])], pace: Pace, start: Timestamp, seconds: Double?) {
        self.groups = groups.map {
            $0.sources.map {
                Stream(
                    topic: $0.topic, model: $0.model, values: Array(repeating: 0, count: $0.channels.count),
                    json: SampleJSON(channels: $0.channels))
            }
        }
        schedule = SimulationSchedule(groups: groups.map { .init(rate: $0.rate, count: $0.sources.count) })
        self.pace = pace
        self.start = start
        length = seconds.map { Int64($0 * 1e6) }
    }

    var streamCount: Int { groups.reduce(0) { $0 + $1.count } }

    /// How many messages there will be; 0 where there is no end.
    var messageCount: Int {
        guard let length else { return 0 }
        return schedule.count(before: length)
    }

    /// Returns the number of messages handed over. `began` and the deadlines are nanoseconds of the monotonic clock.
    mutating func run(
        into sink: some MessageSink, began: Int64, progress: (_ done: Int, _ now: Int64) -> Void
    ) -> Int {
        var schedule = schedule
        var done = 0
        guard var entry = schedule.next() else { return 0 }
        while length.map({ entry.time < $0 }) ?? true, !Interruption.isRequested {
            guard let following = schedule.next() else { break }
            let isLast = length.map { following.time >= $0 } ?? false
            if let due = pace.due(offset: entry.time, index: done) {
                Deadline.sleep(until: began + due)
                if Interruption.isRequested { break }
            }
            guard publish(entry, into: sink, isLast: isLast) else { break }
            done += 1
            progress(done, SystemTime.monotonicNanoseconds())
            entry = following
        }
        return done
    }

    private mutating func publish(
        _ entry: SimulationSchedule.Entry, into sink: some MessageSink, isLast: Bool
    ) -> Bool {
        let model = groups[entry.group][entry.member].model
        model.sample(at: entry.time, into: &groups[entry.group][entry.member].values)
        let values = groups[entry.group][entry.member].values
        _ = groups[entry.group][entry.member].json.write(ts: start + entry.time) { values[$0] }
        let stream = groups[entry.group][entry.member]
        return sink.publish(topic: stream.topic, payload: stream.json.bytes, isLast: isLast)
    }
}
