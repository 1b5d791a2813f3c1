/// The protocol versions the client speaks.
package enum MQTTVersion: Sendable, Equatable, CustomStringConvertible {
    case v5
    case v311

    package var description: String {
        switch self {
        case .v5: "MQTT 5"
        case .v311: "MQTT 3.1.1"
        }
    }
}
