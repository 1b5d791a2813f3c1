package import SedgeCore

/// What a canary sees of its node at one moment. Totals count since the process started.
package struct CanaryReading: Hashable, Sendable {
    /// Seconds on a clock that never jumps.
    package var time: Double
    package var isConnected: Bool
    /// The encoder's self-test gives its bytes.
    package var passesSelfTest: Bool
    /// Payloads that were read, and those that could not be.
    package var decoded: UInt64
    package var failed: UInt64
    /// Seconds of CPU time.
    package var cpu: Double
    package var memory: Int64
    /// What has become of each stream that is there.
    package var streams: [StreamID: StreamReading]

    package init(
        time: Double, isConnected: Bool, passesSelfTest: Bool = true, decoded: UInt64, failed: UInt64, cpu: Double,
        memory: Int64, streams: [StreamID: StreamReading] = [:]
    ) {
        self.time = time
        self.isConnected = isConnected
        self.passesSelfTest = passesSelfTest
        self.decoded = decoded
        self.failed = failed
        self.cpu = cpu
        self.memory = memory
        self.streams = streams
    }
}
