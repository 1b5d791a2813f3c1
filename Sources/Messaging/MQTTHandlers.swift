/// What a client tells its owner. All are called on the client's own thread and must not block;
/// they may call `publish` and `setSubscriptions`, but not `stop`.
package struct MQTTHandlers: Sendable {
    /// A message: topic and payload are valid during the call alone. `retained`: kept by the broker since before
    /// the subscription.
    package var onMessage:
        @Sendable (_ topic: UnsafeRawBufferPointer, _ payload: UnsafeRawBufferPointer, _ retained: Bool) -> Void
    /// CONNACK came and the subscriptions are on their way: announce.
    package var onConnected: @Sendable () -> Void
    /// A connection that `onConnected` reported is gone; messages in flight are forgotten.
    package var onDisconnected: @Sendable (_ reason: String) -> Void
    /// PUBACK came for the message that carried this token.
    package var onAcknowledged: @Sendable (_ token: Int64) -> Void
    /// The message with this token was refused, by the broker (PUBACK with an error) or by the library:
    /// it will not be acknowledged on this connection.
    package var onRefused: @Sendable (_ token: Int64) -> Void
    /// Home Assistant came online (a jittered moment ago): announce again.
    package var onAnnounce: @Sendable () -> Void
    package var onEvent: @Sendable (_ event: MQTTEvent) -> Void

    package init(
        onMessage: @escaping @Sendable (UnsafeRawBufferPointer, UnsafeRawBufferPointer, Bool) -> Void = { _, _, _ in },
        onConnected: @escaping @Sendable () -> Void = {},
        onDisconnected: @escaping @Sendable (String) -> Void = { _ in },
        onAcknowledged: @escaping @Sendable (Int64) -> Void = { _ in },
        onRefused: @escaping @Sendable (Int64) -> Void = { _ in },
        onAnnounce: @escaping @Sendable () -> Void = {},
        onEvent: @escaping @Sendable (MQTTEvent) -> Void = { _ in }
    ) {
        self.onMessage = onMessage
        self.onConnected = onConnected
        self.onDisconnected = onDisconnected
        self.onAcknowledged = onAcknowledged
        self.onRefused = onRefused
        self.onAnnounce = onAnnounce
        self.onEvent = onEvent
    }
}
