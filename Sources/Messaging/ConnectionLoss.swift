/// Why there is no connection any more, or never was one.
package enum ConnectionLoss: Error, Sendable, Equatable, CustomStringConvertible {
    /// The host's name could not be resolved.
    case lookup(String)
    /// No TCP connection came about.
    case unreachable(String)
    /// TLS failed: certificates, names, versions.
    case tls(String)
    /// A file or setting of our own can not be used.
    case settings(String)
    /// The other side closed the connection without a word, or the network broke it.
    case closed(String)
    /// The broker said why it disconnects, with a reason code of MQTT 5.
    case disconnected(UInt8)
    /// What came was not MQTT.
    case protocolError(String)

    /// Whether only an operator can mend it.
    package var needsOperator: Bool {
        switch self {
        case .tls, .settings: true
        // Someone else uses the same client id: coming back at once would throw them out, and so on.
        case .disconnected(let code): [0x87, 0x8A, 0x8E, 0x98, 0x9C, 0x9D].contains(code)
        case .lookup, .unreachable, .closed, .protocolError: false
        }
    }

    package var description: String {
        switch self {
        case .lookup(let text): "the host name can not be resolved (\(text))"
        case .unreachable(let text): "no connection (\(text))"
        case .tls(let text): "TLS failed (\(text))"
        case .settings(let text): text
        case .closed(let text): "the connection was closed (\(text))"
        case .disconnected(let code): "the broker disconnected: \(ReasonCode.text(code))"
        case .protocolError(let text): "the broker's answer is not MQTT (\(text))"
        }
    }
}
