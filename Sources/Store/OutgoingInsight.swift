package import SedgeCore

/// A committed insight on its way out.
package struct OutgoingInsight: Sendable, Equatable {
    package let seq: Int64
    package let kind: InsightKind
    package let stream: StreamID
    /// JSON as `insight/<kind>/<stream>` carries it.
    package let payload: [UInt8]
    /// Whether to publish it now on `insight`; otherwise it goes out on `backfill` with `resendPayload()`.
    package let isLive: Bool

    package init(seq: Int64, kind: InsightKind, stream: StreamID, payload: [UInt8], isLive: Bool) {
        self.seq = seq
        self.kind = kind
        self.stream = stream
        self.payload = payload
        self.isLive = isLive
    }

    /// The payload for `backfill`: the same with `"resend":true`.
    ///
    /// The key is put in front as bytes: a payload of an earlier version keeps keys that this one does not know,
    /// and there is nothing that could fail and hold up the outbox.
    package func resendPayload() -> [UInt8] {
        precondition(payload.first == UInt8(ascii: "{") && payload.count > 2, "an insight's payload is an object")
        return Array(#"{"resend":true,"#.utf8) + payload.dropFirst()
    }
}
