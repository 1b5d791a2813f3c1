/// How fast a recording or a simulation is played.
enum Pace: Equatable {
    /// Multiples of the times in the recording.
    case speed(Double)
    /// Messages a second, whatever the recording's times.
    case rate(Double)
    /// As fast as the broker takes it.
    case unlimited

    /// `max`, or a multiple of real time.
    init?(speed text: String) {
        if text == "max" {
            self = .unlimited
        } else if let speed = Double(text), speed > 0, speed.isFinite {
            self = .speed(speed)
        } else {
            return nil
        }
    }

    /// When a message is due, in nanoseconds after the start; nil where it is due at once.
    ///
    /// Every deadline counts from the start, so waiting a little too long once delays nothing after it.
    /// - Parameters:
    ///   - offset: microseconds of event time from the first sample to this one.
    ///   - index: how many messages came before.
    func due(offset: Int64, index: Int) -> Int64? {
        switch self {
        case .speed(let speed): Self.nanoseconds(Double(offset) * 1000 / speed)
        case .rate(let rate): Self.nanoseconds(Double(index) * 1e9 / rate)
        case .unlimited: nil
        }
    }

    /// How long it takes to play, in microseconds: `duration` of event time in `count` messages.
    func playingTime(duration: Int64, count: Int) -> Int64 {
        switch self {
        case .speed(let speed): Self.nanoseconds(Double(duration) * 1000 / speed) / 1000
        case .rate(let rate): Self.nanoseconds(Double(max(0, count - 1)) * 1e9 / rate) / 1000
        case .unlimited: 0
        }
    }

    /// A century is the end of time here; beyond it, conversion to integers would trap.
    private static func nanoseconds(_ value: Double) -> Int64 { Int64(min(max(value, 0), 3.2e18)) }
}
