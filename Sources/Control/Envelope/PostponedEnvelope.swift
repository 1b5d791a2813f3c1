package import SedgeCore

/// A rightly signed envelope that came before its time, as it came: it is judged anew when the time is there.
package struct PostponedEnvelope: Hashable, Sendable {
    package let header: EnvelopeHeader
    package let bytes: [UInt8]

    /// Nil where there is nothing to wait for.
    package init?(_ bytes: [UInt8]) {
        guard let envelope = try? Envelope(json: bytes), envelope.header.notBefore != nil else { return nil }
        header = envelope.header
        self.bytes = bytes
    }

    package func isDue(_ now: Timestamp) -> Bool { header.notBefore.map { now >= $0 } ?? true }
}
