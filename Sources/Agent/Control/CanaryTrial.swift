import Control
import SedgeCore

/// What a change that was put to work is judged by.
struct CanaryTrial {
    /// The last reading before it.
    let start: CanaryReading
    /// Of the configuration before it: what is tried out must not loosen or shorten its own trial.
    let rules: ControlConfiguration
    var touched = TouchedStreams.none

    /// - Parameter begin: the first reading after the change.
    func watch(since earlier: CanaryReading?, from begin: CanaryReading) -> CanaryWatch {
        CanaryWatch(
            seconds: Double(rules.canarySeconds), earlier: earlier, start: start, begin: begin, touched: touched,
            limits: CanaryLimits(rules))
    }
}

extension CanaryLimits {
    init(_ rules: ControlConfiguration) {
        self.init()
        cpuPercent = Double(rules.canaryCPUPercent)
        memory = Int64(rules.canaryMemoryMB) * 1_000_000
        alarms = UInt64(rules.canaryAlarms)
    }
}

extension CanaryReading {
    init(_ seen: AgentObservations) {
        self.init(
            time: Double(seen.time) / 1e9, isConnected: seen.isConnected, passesSelfTest: seen.passesSelfTest,
            decoded: seen.decoded, failed: seen.decodeErrors, cpu: Double(seen.processorTime) / 1e9,
            memory: seen.residentBytes, streams: seen.eachStream)
    }
}
