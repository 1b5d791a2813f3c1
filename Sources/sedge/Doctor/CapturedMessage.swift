import SedgeCore

/// A message as a broker delivered it.
struct CapturedMessage: Equatable, Sendable {
    let topic: [UInt8]
    let payload: [UInt8]
    let arrival: Timestamp
    /// Kept by the broker since before we came.
    let isRetained: Bool

    var topicText: String { String(decoding: topic, as: UTF8.self) }
}
