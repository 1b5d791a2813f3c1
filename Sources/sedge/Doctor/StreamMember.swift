import SedgeCore

/// One stream, as its messages and the agent's state of it were seen.
struct StreamMember: Equatable, Sendable {
    let id: StreamID
    /// Where its messages came, or would come; nil: only a state of it is at the broker, and several patterns could have
    /// named it.
    var topic: String?
    /// Messages sent while this listened.
    var live = 0
    /// Messages that the broker had kept.
    var retained = 0
    /// Messages that the codec could read.
    var decoded = 0
    var firstError: String?
    /// Rows in them.
    var rows = 0
    /// Channels that had a number in no row.
    var absentChannels: [String] = []
    /// Seconds from the arrival of a message to the time that its newest row claims, over all messages with a time;
    /// above 0 lies in the future.
    var offset: ClosedRange<Double>?
    /// The newest event times of the first and of the best message, where the agent believes them.
    var first: Timestamp?
    var newest: Timestamp?
    /// The agent's latest state of it; nil: none.
    var state: StateReport?
    /// Nil: the broker that states go to was not reached.
    var agentIsOnline: Bool?
    /// When the look ended.
    var now: Timestamp

    init(id: StreamID, now: Timestamp) {
        self.id = id
        self.now = now
    }

    /// Event time that is off by more is worth a word: the agent does not believe times further in the future.
    static let tolerance = 60.0

    /// - Parameter listenCommand: what an operator may type to listen; the topic is added to it.
    func finding(under configuration: StreamConfiguration, listened: Double, listenCommand: String) -> Finding {
        let listen = topic.map { "\(listenCommand) -v -t '\($0)'" }
        if live + retained == 0 { return silent(configuration, listened, listen) }
        guard decoded > 0 else { return unreadable(configuration, listened, listen) }
        let (facts, problems) = (
            facts(listened), inputProblems(configuration, listened, listen) + stateProblems(configuration, listened)
        )
        guard let first = problems.first else { return .ok(.stream, id.description, facts) }
        let found = ([facts] + problems.map(\.text)).joined(separator: "; ")
        let worst = problems.first { $0.code != nil } ?? first
        if let code = worst.code { return .fail(.stream, id.description, code, found, advice: worst.advice) }
        return .warn(.stream, id.description, found, advice: first.advice)
    }

    /// Something that is not as it should be; with a status where the stream does not work at all.
    private struct Problem {
        let text: String
        let advice: String
        var code: ExitCode?
    }

    // MARK: Nothing to read

    private func silent(_ configuration: StreamConfiguration, _ listened: Double, _ listen: String?) -> Finding {
        let found = "no message in \(spanText(listened))"
        let advice = "Check the sensor and its network." + (listen.map { " Listen yourself: \($0)" } ?? "")
        guard let state else { return .warn(.stream, id.description, found, advice: advice) }
        let age = Double(now - state.ts) / 1e6
        if state.phase == .stale {
            return .fail(
                .stream, id.description, .unavailable, "\(found); silent, its last sample is \(spanText(age)) old",
                advice: advice)
        }
        let text = "\(found); its last state is \(spanText(age)) old (\(stateText(state)))"
        // A slow sensor, as long as somebody watches it.
        guard age <= configuration.staleAfterS, agentIsOnline == true else {
            return .warn(.stream, id.description, text, advice: advice)
        }
        return .ok(.stream, id.description, text)
    }

    private func unreadable(_ configuration: StreamConfiguration, _ listened: Double, _ listen: String?) -> Finding {
        .fail(
            .stream, id.description, .data,
            "\(messagesText(listened)), none can be read as \(configuration.codec.rawValue): \(firstError ?? "no reason")",
            advice: "Compare a message with codec, channels and time of this [[stream]]"
                + (listen.map { ": \($0)" } ?? "."))
    }

    // MARK: What came

    private func messagesText(_ listened: Double) -> String {
        let kept = retained > 0 ? " and \(retained) that the broker had kept" : ""
        return "\(live) message\(live == 1 ? "" : "s") (\(fixed(Double(live) / max(listened, 0.001), 1))/s)\(kept)"
    }

    private func stateText(_ state: StateReport) -> String {
        let score = state.score.map { ", score \(fixed($0, 2))" } ?? ""
        let meaning =
            switch state.phase {
            case .learning: "learning: scores are not calibrated yet"
            case .ready: "ready\(score)"
            case .muted: "muted: in a maintenance window"
            case .stale: "stale"
            }
        return state.anomaly == "ON" ? "\(meaning), an anomaly is going on" : meaning
    }

    private func facts(_ listened: Double) -> String {
        let failures = live + retained - decoded
        let share = failures == 0 ? "all read" : "\(failures) of them not read"
        let rate = rows > decoded ? ", \(fixed(Double(rows) / max(listened, 0.001), 1)) samples/s" : ""
        return "\(messagesText(listened)), \(share)\(rate)" + (state.map { "; \(stateText($0))" } ?? "")
    }

    private func inputProblems(_ configuration: StreamConfiguration, _ listened: Double, _ listen: String?) -> [Problem]
    {
        var problems: [Problem] = []
        if live == 0 {
            problems.append(
                Problem(text: "nothing new came", advice: "Does the sensor still publish? A slow one needs --seconds."))
        }
        if let firstError {
            problems.append(
                Problem(
                    text: "first error: \(firstError)",
                    advice: "See what else is sent there" + (listen.map { ": \($0)" } ?? ".")))
        }
        if rows == 0 {
            problems.append(Problem(text: "they hold no sample", advice: "Check channels of this [[stream]]."))
        } else if !absentChannels.isEmpty {
            let paths = absentChannels.map { "\($0) (\(configuration.channels[$0] ?? "?"))" }.joined(separator: ", ")
            problems.append(
                Problem(
                    text: "never a number for channel \(paths)",
                    advice: "Check the paths in channels of this [[stream]]."))
        }
        if let offset, offset.upperBound > Self.tolerance {
            problems.append(
                Problem(
                    text: "its times lie up to \(spanText(offset.upperBound)) in the future and are not believed",
                    advice: "Set the sensor's clock (UTC?), or leave time out of this [[stream]]."))
        }
        if let offset, offset.lowerBound < -Self.tolerance {
            problems.append(
                Problem(
                    text: "its samples are up to \(spanText(offset.lowerBound)) old when they come",
                    advice: "Fine for a replay or a slow link; else set the sensor's clock."))
        }
        // Bursts and slow streams can not be judged by a short look.
        if let rate = configuration.rateHz, rate * listened >= 20, live > 5, Double(rows) < rate * listened / 2 {
            problems.append(
                Problem(
                    text: "fewer samples come than rate_hz = \(fixed(rate, 1)) says",
                    advice: "Correct rate_hz, or the sensor."))
        }
        return problems
    }

    // MARK: What the agent makes of it

    private func stateProblems(_ configuration: StreamConfiguration, _ listened: Double) -> [Problem] {
        guard let agentIsOnline else {
            return [
                Problem(text: "no score known: the broker for insights can not be reached", advice: "See broker above.")
            ]
        }
        guard agentIsOnline else {
            return [
                Problem(
                    text: state == nil ? "no score: the agent is offline" : "that state is old: the agent is offline",
                    advice: "Start the agent, see above.", code: .unavailable)
            ]
        }
        guard let state else {
            return [
                Problem(
                    text: "the agent publishes no state of it",
                    advice: "Does the agent read this broker with this configuration? journalctl -u sedged -e",
                    code: .unavailable)
            ]
        }
        if state.phase == .stale, live > 0 {
            return [
                Problem(
                    text: "the agent has not taken a step yet since it started or the stream was silent",
                    advice: "A step needs \(configuration.hop) samples. Look again in a minute.")
            ]
        }
        guard let newest, live > 0 else { return [] }
        let lag = Double(newest - state.ts) / 1e6
        guard lag > allowedLag(configuration, listened) else { return [] }
        return [
            Problem(
                text: "the agent's last step lies \(spanText(lag)) behind its samples",
                advice: "Is the agent busy (CPU and queue in its health), or does the sensor's time jump?")
        ]
    }

    /// Seconds that a step may lie behind the newest sample: waiting for order, bridging a gap, filling a hop, and
    /// publishing at intervals.
    private func allowedLag(_ configuration: StreamConfiguration, _ listened: Double) -> Double {
        // A replay may run faster than real time.
        let pace = first.flatMap { first in newest.map { Double($0 - first) / 1e6 / max(listened, 0.001) } } ?? 1
        let period = 1 / (configuration.rateHz ?? max(Double(rows) / max(listened, 0.001), 0.001))
        let order = configuration.reorderWindowMS.map { Double($0) / 1000 } ?? 2
        return order + period * Double(configuration.hop + 10) + 10 * max(1, pace)
    }
}
