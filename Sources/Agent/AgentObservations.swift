package import Control
import Inference
package import SedgeCore
import Synchronization

/// What a canary looks at: how the agent does, all of it at one moment. Counts are since the start of the process; two
/// observations say what happened between them.
package struct AgentObservations: Sendable, Equatable {
    /// Samples can come in and insights can go out.
    package var isConnected: Bool
    /// The bundles' self-tests give their bytes, on the kernels in use.
    package var passesSelfTest: Bool
    /// Messages received; payloads that were decoded, and that could not be.
    package var received: UInt64
    package var decoded: UInt64
    package var decodeErrors: UInt64
    /// Messages thrown away because the queue was full.
    package var dropped: UInt64
    package var streams: Int
    package var residentBytes: Int64
    /// Processor time of all threads, in nanoseconds.
    package var processorTime: Int64
    /// Nanoseconds on the clock that never jumps.
    package var time: Int64
    /// `config` in payloads.
    package var configurationName: String
    /// Fingerprint of `inference.bundle`.
    package var model: String
    /// What became of each stream.
    package var eachStream: [StreamID: StreamReading] = [:]
}

/// What the pipeline's thread leaves for others to look at, ten times a second.
struct PipelineGauges: Sendable {
    var received: UInt64 = 0
    var dropped: UInt64 = 0
    var decoded: UInt64 = 0
    var decodeErrors: UInt64 = 0
    var streams = 0
    var tallies: [(stream: StreamID, tally: StreamTally)] = []
}

extension Agent {
    /// For any thread; runs the self-tests, which takes a millisecond or a few.
    package func observe() -> AgentObservations {
        let (gauges, running) = (parts.gauges.withLock { $0 }, running.withLock { $0 })
        let time = SystemTime.monotonicNanoseconds()
        return AgentObservations(
            isConnected: parts.brokers.areAllConnected,
            passesSelfTest: running.bundles.all.values.allSatisfy { bundle in
                (try? bundle.selfTest(kernels: running.engine.kernels)) != nil
            },
            received: gauges.received, decoded: gauges.decoded, decodeErrors: gauges.decodeErrors,
            dropped: gauges.dropped, streams: gauges.streams, residentBytes: ProcessUsage.residentBytes,
            processorTime: SystemTime.processCPUNanoseconds(), time: time, configurationName: running.name,
            model: running.bundles.standard.fingerprint,
            eachStream: Dictionary(
                gauges.tallies.map { ($0.stream, $0.tally.reading(at: time)) }, uniquingKeysWith: { $1 }))
    }
}
