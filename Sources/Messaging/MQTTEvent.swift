/// Something about a connection that belongs in the log; its description is one sentence.
package enum MQTTEvent: Sendable, Equatable, CustomStringConvertible {
    case connected(broker: String, version: MQTTVersion)
    /// The broker does not speak MQTT 5, or seems not to.
    case fellBack(broker: String, because: String)
    /// The broker said no to CONNECT.
    case refused(broker: String, because: String)
    case failed(broker: String, ConnectionLoss)
    case lost(broker: String, ConnectionLoss)
    case timedOut(broker: String, after: Duration)
    case unacknowledged(broker: String, for: Duration)
    case retrying(in: Duration)
    case subscriptionRefused(filter: String, because: String)
    case subscriptionDowngraded(filter: String, wanted: Int, granted: Int)
    case publishRefused(because: String)
    /// Messages above the limit, dropped since the last such event.
    case oversized(count: Int, bytes: Int, limit: Int)
    case homeAssistantOnline
    case stopped(unacknowledged: Int)

    /// Whether an operator should see it: log it as a warning.
    package var isProblem: Bool {
        switch self {
        case .connected, .fellBack, .retrying, .homeAssistantOnline: false
        case .stopped(let unacknowledged): unacknowledged > 0
        default: true
        }
    }

    package var description: String {
        switch self {
        case .connected(let broker, let version): "Connected to \(broker) with \(version)."
        case .fellBack(let broker, let reason): "\(broker) does not take MQTT 5 (\(reason)), trying MQTT 3.1.1."
        case .refused(let broker, let reason): "\(broker) refused the connection: \(reason)."
        case .failed(let broker, let loss): "Could not connect to \(broker): \(loss)."
        case .lost(let broker, let loss): "Lost \(broker): \(loss)."
        case .timedOut(let broker, let time): "\(broker) did not accept the connection within \(time.shortText)."
        case .unacknowledged(let broker, let time):
            "\(broker) has left a message unacknowledged for \(time.shortText), connecting afresh."
        case .retrying(let delay): "Next try in \(delay.shortText)."
        case .subscriptionRefused(let filter, let reason): "The subscription to \(filter) was refused: \(reason)."
        case .subscriptionDowngraded(let filter, let wanted, let granted):
            "The subscription to \(filter) got QoS \(granted), asked for was QoS \(wanted)."
        case .publishRefused(let reason): "A message was refused: \(reason)."
        case .oversized(let count, let bytes, let limit):
            "Dropped \(count) message(s) above the limit of \(limit) bytes, the last of \(bytes) bytes."
        case .homeAssistantOnline: "Home Assistant came online, announcing again shortly."
        case .stopped(let unacknowledged):
            unacknowledged == 0
                ? "Disconnected." : "Stopped with \(unacknowledged) message(s) unacknowledged."
        }
    }
}

extension Duration {
    /// Seconds with at most one decimal: "1.5 s".
    var shortText: String {
        let tenths = Int((self / .milliseconds(100)).rounded())
        return tenths % 10 == 0 ? "\(tenths / 10) s" : "\(tenths / 10).\(tenths % 10) s"
    }
}
