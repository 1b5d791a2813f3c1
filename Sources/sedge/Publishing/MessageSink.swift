/// Takes messages in order; what plays a recording or a simulation needs no more of a broker.
protocol MessageSink {
    /// Returns when the message was handed over, however long that takes; false: interrupted before.
    ///
    /// `isLast` asks for a receipt of this and all messages before it, whatever their QoS.
    func publish(topic: String, payload: [UInt8], isLast: Bool) -> Bool
}
