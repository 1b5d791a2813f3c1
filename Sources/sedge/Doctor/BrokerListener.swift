import Agent
import Messaging
import SedgeCore
import Synchronization

/// Listens at one broker, as any subscriber would, and keeps what it hears for later.
final class BrokerListener: Sendable {
    /// What the client's thread writes down; apart, so that its handlers do not hold the client.
    private final class Record: Sendable {
        struct Content {
            var messages: [CapturedMessage] = []
            var bytes = 0
            var overflow = 0
            var version: MQTTVersion?
            var connectedAt: Int64?
            var failures = 0
            var lastProblem: MQTTEvent?
            /// Problems after the first connection.
            var laterProblems: [MQTTEvent] = []
        }
        let content = Mutex(Content())
        let wakeup = Wakeup()
    }

    private let record = Record()
    private let client: MQTTClient
    private let started = SystemTime.monotonicNanoseconds()

    /// A busy site for a minute; more is counted only.
    private static let byteLimit = 64 << 20
    private static let messageLimit = 500_000
    private static let problemLimit = 5

    init(_ settings: BrokerSettings, filters: [String: Int]) {
        let record = record
        client = MQTTClient(
            settings: settings, clientID: "sedge-doctor-\(String(SystemTime.monotonicNanoseconds(), radix: 36))",
            will: nil,
            handlers: MQTTHandlers(
                onMessage: { topic, payload, isRetained in
                    let arrival = SystemTime.now()
                    record.content.withLock { content in
                        guard content.messages.count < Self.messageLimit, content.bytes < Self.byteLimit else {
                            content.overflow += 1
                            return
                        }
                        content.bytes += topic.count + payload.count
                        content.messages.append(
                            CapturedMessage(
                                topic: Array(topic), payload: Array(payload), arrival: arrival, isRetained: isRetained))
                    }
                },
                onEvent: { event in
                    record.content.withLock { Self.note(event, in: &$0) }
                    record.wakeup.signal()
                }),
            seed: UInt64(bitPattern: SystemTime.monotonicNanoseconds()),
            backoff: Backoff(minimum: .milliseconds(200), maximum: .seconds(2)))
        client.setSubscriptions(filters)
        client.start()
    }

    private static func note(_ event: MQTTEvent, in content: inout Record.Content) {
        switch event {
        case .connected(_, let version):
            content.version = version
            if content.connectedAt == nil { content.connectedAt = SystemTime.monotonicNanoseconds() }
        case .stopped: break
        default:
            guard event.isProblem else { return }
            content.failures += 1
            content.lastProblem = event
            if content.connectedAt != nil, content.laterProblems.count < problemLimit,
                !content.laterProblems.contains(event)
            {
                content.laterProblems.append(event)
            }
        }
    }

    /// Waits until the broker has said yes or no. A second try is allowed, since the first may go to an address
    /// family on which nobody listens.
    func connect(within seconds: Double) -> BrokerObservation.Outcome {
        let deadline = started + Int64(seconds * 1e9)
        while true {
            let (version, connectedAt, failures, problem) = record.content.withLock {
                ($0.version, $0.connectedAt, $0.failures, $0.lastProblem)
            }
            if let version, let connectedAt {
                return .connected(version, milliseconds: Int((connectedAt - started) / 1_000_000))
            }
            let isHopeless: Bool =
                switch problem {
                case .refused: true
                case .failed(_, let loss): loss.needsOperator || failures > 1
                default: failures > 1
                }
            let isOver = SystemTime.monotonicNanoseconds() >= deadline || Interruption.isRequested
            if let problem, isHopeless || isOver { return .failed(problem) }
            if isOver { return .silent }
            record.wakeup.wait(milliseconds: 50)
        }
    }

    /// Ends it and tells what it heard.
    func stop() -> (messages: [CapturedMessage], problems: [MQTTEvent], overflow: Int) {
        client.stop(deadline: .milliseconds(500))
        return record.content.withLock { ($0.messages, $0.laterProblems, $0.overflow) }
    }
}
