import Messaging
import SedgeCore

/// How one broker answered.
struct BrokerObservation: Equatable, Sendable {
    enum Outcome: Equatable, Sendable {
        case connected(MQTTVersion, milliseconds: Int)
        /// A file of ours that is needed to connect can not be read.
        case missingFile(String)
        /// The last thing that went wrong.
        case failed(MQTTEvent)
        case silent
    }

    /// `host:port`.
    let label: String
    /// What it is for: "samples", "insights", "samples and insights".
    let purpose: String
    let isLocal: Bool
    let usesTLS: Bool
    let username: String?
    var outcome: Outcome
    /// Problems after the connection stood.
    var problems: [MQTTEvent] = []
    /// Messages that came but were too many to look at.
    var overflow = 0

    var isConnected: Bool {
        if case .connected = outcome { true } else { false }
    }

    var findings: [Finding] {
        switch outcome {
        case .connected(let version, let milliseconds):
            let manner = [usesTLS ? "TLS" : nil, username.map { "as \($0)" }].compactMap(\.self)
            let found = (["\(version) in \(milliseconds) ms"] + manner).joined(separator: ", ")
            return [connection("\(purpose): \(found)")] + problems.map(finding) + overflowFindings
        case .missingFile(let text):
            return [
                .fail(
                    .broker, label, .io, text, advice: "Check mqtt.password_file and that this user may read it.")
            ]
        case .failed(let event):
            return [.fail(.broker, label, .unavailable, "\(event)", advice: advice(for: event))]
        case .silent:
            return [
                .fail(
                    .broker, label, .unavailable, "no answer",
                    advice: "Check mqtt.host and mqtt.port, and whether a firewall lies between.")
            ]
        }
    }

    private func connection(_ found: String) -> Finding {
        guard username != nil, !usesTLS, !isLocal else { return .ok(.broker, label, found) }
        return .warn(
            .broker, label, "\(found); the password crosses the network readable for all",
            advice: "Use mqtt.tls.")
    }

    private func finding(_ event: MQTTEvent) -> Finding {
        switch event {
        case .subscriptionRefused:
            .fail(
                .broker, label, .unavailable, "\(event)",
                advice: "Allow this user to read the topic in the broker's access list.")
        case .lost:
            .warn(
                .broker, label, "\(event)",
                advice: "Read the broker's log; two clients of one client id, or a poor network, look like this.")
        default: .warn(.broker, label, "\(event)")
        }
    }

    private var overflowFindings: [Finding] {
        overflow == 0
            ? []
            : [
                .warn(
                    .broker, label,
                    "\(overflow) messages more came than were looked at; streams are judged by the first")
            ]
    }

    private func advice(for event: MQTTEvent) -> String {
        switch event {
        case .refused(_, let reason) where reason.contains("password") || reason.contains("authorised"):
            return "Check mqtt.username, mqtt.password_file and the broker's access list."
        case .refused: return "Read the broker's log: it says why."
        case .failed(_, .lookup): return "Check mqtt.host, and name resolution: getent hosts <host>."
        case .failed(_, .unreachable):
            return "Does the broker run (systemctl status mosquitto), listen on that address and port (ss -ltn), "
                + "and does no firewall lie between?"
        case .failed(_, .tls):
            return "Check mqtt.tls.ca, that mqtt.host is a name in the broker's certificate, the certificate's dates, "
                + "and this machine's clock."
        case .failed(_, .settings): return "Check the files in mqtt.tls and that this user may read them."
        case .failed(_, .closed) where !usesTLS: return "Does the broker want TLS on this port? Then set mqtt.tls."
        case .failed(_, .closed):
            return "Does the broker want a client certificate (mqtt.tls.cert and key)? Read its log."
        case .failed(_, .protocolError): return "Check mqtt.port: something else than a broker seems to listen there."
        case .timedOut:
            return usesTLS
                ? "Check mqtt.port, and whether a firewall drops packets."
                : "Check mqtt.port; a port that wants TLS also looks like this (mqtt.tls)."
        default: return "Read the broker's log: it says why."
        }
    }
}
