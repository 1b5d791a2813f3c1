import Agent
import Messaging
import SedgeCore

/// One configured broker while it is looked at: who listens there, and how it answered.
struct BrokerStation {
    private(set) var observation: BrokerObservation
    /// What was heard; complete after `stop`.
    private(set) var messages: [CapturedMessage] = []
    private var listener: BrokerListener?

    /// Begins to connect.
    init(_ connection: BrokerConnection, purpose: String, filters: [String: Int]) {
        observation = BrokerObservation(
            label: "\(connection.host):\(connection.port)", purpose: purpose,
            isLocal: connection.host == "localhost" || connection.host == "::1" || connection.host.hasPrefix("127."),
            usesTLS: connection.tls != nil, username: connection.username, outcome: .silent)
        do {
            let settings = try BrokerSettings(connection)
            listener = BrokerListener(settings, filters: filters)
        } catch {
            observation.outcome = .missingFile("\(error)")
        }
    }

    mutating func connect(within seconds: Double) {
        if let listener { observation.outcome = listener.connect(within: seconds) }
    }

    mutating func stop() {
        guard let listener else { return }
        (messages, observation.problems, observation.overflow) = listener.stop()
        self.listener = nil
    }
}
