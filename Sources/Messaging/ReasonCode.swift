/// What the codes in CONNACK, PUBACK, SUBACK and DISCONNECT mean (MQTT 5 §2.4, MQTT 3.1.1 §3.2.2.3).
package enum ReasonCode {
    /// Why a broker refused a connection.
    package enum Refusal: Sendable, Equatable {
        case protocolVersion
        /// An operator has to change something: password, rights, client id.
        case configuration(String)
        /// It may pass by itself.
        case temporary(String)
    }

    /// Nil: accepted. Codes below 0x80 are those of MQTT 3.1.1.
    package static func refusal(connack code: UInt8) -> Refusal? {
        switch code {
        case 0: nil
        case 1, 0x84: .protocolVersion
        case 2, 0x85: .configuration("it does not accept the client id")
        case 3, 0x88: .temporary("the server is unavailable")
        case 4, 0x86: .configuration("wrong user name or password")
        case 5, 0x87: .configuration("not authorised")
        case 0x89: .temporary("the server is busy")
        case 0x8A: .configuration("this client is banned")
        case 0x8C: .configuration("it wants another authentication method")
        case 0x90, 0x9A, 0x9B: .configuration("it does not accept the will: \(text(code))")
        default: .temporary(text(code))
        }
    }

    /// A phrase for a code of MQTT 5.
    package static func text(_ code: UInt8) -> String {
        names[code] ?? "reason 0x" + String(code, radix: 16, uppercase: true)
    }

    private static let names: [UInt8: String] = [
        0x80: "unspecified error", 0x81: "malformed packet", 0x82: "protocol error",
        0x83: "implementation specific error", 0x84: "unsupported protocol version",
        0x85: "client id not valid", 0x86: "wrong user name or password", 0x87: "not authorised",
        0x88: "server unavailable", 0x89: "server busy", 0x8A: "banned", 0x8B: "server shutting down",
        0x8C: "bad authentication method", 0x8D: "keep alive timeout",
        0x8E: "another client took the session over", 0x8F: "topic filter not valid", 0x90: "topic name not valid",
        0x91: "packet identifier in use", 0x93: "receive maximum exceeded", 0x95: "packet too large",
        0x96: "message rate too high", 0x97: "quota exceeded", 0x98: "administrative action",
        0x99: "payload format not valid", 0x9A: "retain not supported", 0x9B: "QoS not supported",
        0x9C: "use another server", 0x9D: "server moved", 0x9E: "shared subscriptions not supported",
        0x9F: "connection rate exceeded", 0xA0: "maximum connect time",
        0xA1: "subscription identifiers not supported", 0xA2: "wildcard subscriptions not supported",
    ]
}
