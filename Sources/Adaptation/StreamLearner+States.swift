import SedgeCore

/// What the regimes see, and how their states are called.
extension StreamLearner {
    /// Mean and maximum of the embeddings over channels, then level and log-scale of each channel.
    mutating func summarise() {
        let (channels, size) = (configuration.channels, configuration.embeddingSize)
        let share = 1 / Float(channels)
        for index in 0..<size {
            var sum: Float = 0
            var greatest = -Float.infinity
            for channel in 0..<channels {
                let value = scorers[channel].feature[index]
                sum += value
                greatest = max(greatest, value)
            }
            summary[index] = sum * share
            summary[size + index] = greatest
        }
        for channel in 0..<channels {
            summary[2 * size + 2 * channel] = scorers[channel].levels.x
            summary[2 * size + 2 * channel + 1] = scorers[channel].levels.y
        }
    }

    /// A state is told of only when the stream is calibrated; the first then, whenever it was found.
    mutating func announce(_ change: RegimeTransition?, time: Timestamp) -> RegimeTransition? {
        guard let name = regimes.name, name != announced else { return nil }
        defer { announced = name }
        return RegimeTransition(from: announced, to: name, since: change?.since ?? time)
    }

    /// A state under the name that people gave it.
    func named(_ state: String) -> String { Self.number(state).flatMap(lessons.name) ?? state }

    func named(_ change: RegimeTransition) -> RegimeTransition {
        RegimeTransition(from: change.from.map(named), to: named(change.to), since: change.since)
    }

    static func number(_ state: String) -> Int? { state.split(separator: "-").last.flatMap { Int($0) } }
}
