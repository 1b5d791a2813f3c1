package import SedgeCore
import Preprocessing

/// Puts a recording's rows on the uniform grid of a rate, with the device's own resampler.
package enum UniformGrid {
    /// Samples without a gap between them; `columns[channel][sample]`, NaN where a channel has no measurement.
    package struct Segment: Sendable, Equatable {
        package var times: [Timestamp] = []
        package var columns: [[Double]]
    }

    /// A segment ends where the device would see a gap: more than eight periods without a row.
    ///
    /// - Parameters:
    ///   - times: of the rows, in any order.
    ///   - columns: `columns[channel][row]`.
    package static func segments(times: [Timestamp], columns: [[Double]], rateHz: Double) -> [Segment] {
        var preprocessor = StreamPreprocessor(
            .init(channels: columns.count, rateHz: rateHz, hop: 1, patch: 1, reorderWindow: 0, recentSamples: 256))
        var segments: [Segment] = []
        var taken: UInt64 = 0
        let longest = Int64(1.5e6 / rateHz) + 1
        var step = [Float](repeating: 0, count: columns.count)
        func take() {
            var patches = step.mutableSpan
            while preprocessor.popStep(patches: &patches) != nil {}
            let samples = preprocessor.recentSamples(limit: Int(preprocessor.counters.samples - taken))
            taken = preprocessor.counters.samples
            for (time, values) in zip(samples.times, samples.values) {
                let last = segments.last?.times.last
                if last.map({ time.microseconds - $0.microseconds > longest }) ?? true {
                    segments.append(Segment(columns: columns.map { _ in [] }))
                }
                segments[segments.count - 1].times.append(time)
                for channel in values.indices { segments[segments.count - 1].columns[channel].append(values[channel]) }
            }
        }
        var row = [Double](repeating: 0, count: columns.count)
        for index in times.indices.sorted(by: { (times[$0], $0) < (times[$1], $1) }) {
            for channel in columns.indices { row[channel] = columns[channel][index] }
            preprocessor.append(time: times[index], arrival: times[index], values: row.span)
            take()
        }
        if let end = times.max() {
            preprocessor.advance(to: Timestamp(microseconds: end.microseconds + 20 * longest))
            take()
        }
        return segments
    }

    /// Rows a second by the median of the times between rows; nil where they do not tell.
    package static func rate(of times: [Timestamp]) -> Double? {
        let sorted = times.map(\.microseconds).sorted()
        let intervals = zip(sorted.dropFirst(), sorted).map { $0 - $1 }.filter { $0 > 0 }.sorted()
        guard !intervals.isEmpty else { return nil }
        return 1e6 / Double(intervals[intervals.count / 2])
    }
}
