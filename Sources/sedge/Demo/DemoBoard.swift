import SedgeCore

/// What has come back from the broker so far: pure, fed with topics and payloads.
struct DemoBoard {
    struct Stream {
        var phase = "-"
        var score: Double?
        var state = "-"
        var isAnomalous = false
        var updates = 0
        /// The last scores, for the sparkline.
        var recent: [Double] = []
    }

    struct Event: Equatable {
        var stream: String
        var kind: String
        var phase: String
        var ts: Int64
        var severity: Double?
        var detail: String?
        var topChannel: String?
    }

    private(set) var streams: [String: Stream] = [:]
    private(set) var events: [Event] = []
    private(set) var health: Health?
    private(set) var availability = "-"

    private struct State: Decodable {
        var phase: String
        var score: Double?
        var anomaly: String
        var state: String?
    }

    /// Takes a message in; an insight is returned, for a view that prints lines.
    @discardableResult
    mutating func received(topic: String, payload: [UInt8]) -> Event? {
        let levels = topic.split(separator: "/").map(String.init)
        guard levels.count >= 3 else { return nil }
        switch levels[2] {
        case "availability": availability = String(decoding: payload, as: UTF8.self)
        case "health": health = (try? PayloadJSON.decode(Health.self, from: payload)) ?? health
        case "state" where levels.count == 4:
            guard let state = try? PayloadJSON.decode(State.self, from: payload) else { return nil }
            streams[levels[3], default: Stream()].take(
                phase: state.phase, score: state.score, isAnomalous: state.anomaly == "ON", state: state.state)
        case "insight" where levels.count == 5:
            guard let insight = try? PayloadJSON.decode(Insight.self, from: payload) else { return nil }
            let event = Event(
                stream: levels[4], kind: insight.kind.rawValue, phase: insight.phase.rawValue,
                ts: insight.ts.milliseconds, severity: insight.severity, detail: insight.detail,
                topChannel: insight.channels?.max { $0.value < $1.value }?.key)
            events.append(event)
            return event
        default: break
        }
        return nil
    }
}

extension DemoBoard.Stream {
    fileprivate mutating func take(phase: String, score: Double?, isAnomalous: Bool, state: String?) {
        self.phase = phase
        self.score = score
        self.isAnomalous = isAnomalous
        self.state = state ?? "-"
        updates += 1
        recent.append(score ?? 0)
        if recent.count > 24 { recent.removeFirst() }
    }
}
