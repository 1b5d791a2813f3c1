import Agent
package import Inference
import SedgeCore

/// The agent itself: rows go as CSV messages through the pipeline of the gateway, and its states and insights come back.
///
/// Between two steps a row keeps the last score that was published, as a subscriber would see it; before the stream is
/// calibrated the score is 0.
package struct AgentDetector: Detector {
    package let name: String
    private let bundle: ModelBundle
    private let kernels: KernelSet
    private let settings: AgentSettings

    package init(name: String, bundle: ModelBundle, kernels: KernelSet, settings: AgentSettings = AgentSettings()) {
        self.name = name
        self.bundle = bundle
        self.kernels = kernels
        self.settings = settings
    }

    private static let topic = Array("eval/series".utf8)

    package func run(on series: DetectionSeries) throws -> DetectorOutput {
        let configuration: Configuration
        do {
            configuration = try settings.configuration(channels: series.columns.count)
        } catch {
            throw EvaluationError(place: series.name, message: "the agent can not read it: \(error)")
        }
        let pipeline = try OfflinePipeline(configuration: configuration, bundle: .tcn(bundle), kernels: kernels)
        var output = DetectorOutput(scores: [], decisions: .init())
        output.scores.reserveCapacity(series.rowCount)
        output.eventScores = []
        var (score, eventScore, isAlarming) = (0.0, 0.0, false)
        var isCalibrated = false
        var arrival = series.times[0]
        for row in 0..<series.rowCount {
            // A stream that is not calibrated by then learns until it is.
            if settings.tier == .off, row >= series.trainingRows, isCalibrated { pipeline.freeze() }
            // The wall clock does not go back, whatever the source's does.
            arrival = max(arrival, series.times[row])
            let reply = pipeline.receive(topic: Self.topic, payload: Self.payload(series, row), arrival: arrival)
            if let state = reply.states.last {
                isCalibrated = state.phase == .ready
                (score, eventScore, isAlarming) = (state.score ?? 0, state.eventScore ?? 0, state.anomaly)
            }
            for insight in reply.insights {
                switch (insight.kind, insight.phase) {
                case (.anomaly, .start): output.decisions!.alarms.append(row)
                case (.adaptation, _):
                    if let detail = insight.detail { output.adaptations[detail, default: 0] += 1 }
                case (.state, _) where insight.previous != nil:
                    output.decisions!.changes.append(Self.row(at: insight.start ?? insight.ts, upTo: row, of: series))
                default: break
                }
            }
            output.scores.append(score)
            output.eventScores!.append(eventScore)
            output.decisions!.isAlarming.append(isAlarming)
        }
        return output
    }

    /// `seconds,value,value…`, without what is missing.
    private static func payload(_ series: DetectionSeries, _ row: Int) -> [UInt8] {
        var text = String(Double(series.times[row].microseconds) / 1e6)
        for column in series.columns {
            text.append(",")
            if column[row].isFinite { text.append(column[row].description) }
        }
        return Array(text.utf8)
    }

    /// The first row at or after `time`; rows lie in the order of time as far as they were used.
    private static func row(at time: Timestamp, upTo row: Int, of series: DetectionSeries) -> Int {
        var found = row
        while found > 0, series.times[found - 1] >= time { found -= 1 }
        return found
    }
}
