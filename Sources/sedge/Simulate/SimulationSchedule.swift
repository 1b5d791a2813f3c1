/// Says which stream is sampled when: a pure sequence in the order of time, without end.
///
/// The streams of a kind share the time between two samples evenly, so that many pumps make a steady flow and no
/// bursts.
struct SimulationSchedule: Sequence, IteratorProtocol {
    struct Entry: Equatable {
        /// Index into `groups`.
        let group: Int
        /// Index of the stream within its group.
        let member: Int
        /// Microseconds since the simulation began.
        let time: Int64
    }

    /// Streams with the same rate, in samples a second.
    struct Group: Equatable {
        let rate: Double
        let count: Int
    }

    private let groups: [Group]
    /// How many samples each group has given.
    private var given: [Int]

    init(groups: [Group]) {
        precondition(groups.allSatisfy { $0.count > 0 && $0.rate > 0 }, "a group has streams and a rate")
        self.groups = groups
        given = Array(repeating: 0, count: groups.count)
    }

    mutating func next() -> Entry? {
        guard var group = groups.indices.first else { return nil }
        var time = nextTime(group)
        for other in groups.indices.dropFirst() {
            let candidate = nextTime(other)
            if candidate < time { (group, time) = (other, candidate) }
        }
        defer { given[group] += 1 }
        return Entry(group: group, member: given[group] % groups[group].count, time: time)
    }

    /// How many entries come before a time, in microseconds. Times are rounded, hence the half.
    func count(before end: Int64) -> Int {
        groups.reduce(0) { sum, group in
            let samples = (Double(end) - 0.5) * group.rate * Double(group.count) / 1e6
            return sum + Int(Swift.max(0, Swift.min(1e15, samples.rounded(.up))))
        }
    }

    /// From the count and not from the time before, so that rounding never adds up.
    private func nextTime(_ group: Int) -> Int64 {
        Int64((Double(given[group]) * 1e6 / (groups[group].rate * Double(groups[group].count))).rounded())
    }
}
