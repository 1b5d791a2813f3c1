import SedgeCore
import Testing

@testable import Evaluation

@Suite struct SeriesTests {
    private func refusal(
        rows: Int = 10, columns: [[Double]]? = nil, anomalies: [Range<Int>] = [], training: Int = 3
    ) -> String {
        do throws(EvaluationError) {
            _ = try DetectionSeries(
                name: "s", times: DetectionSeries.times(count: rows, interval: 1),
                columns: columns ?? [Array(repeating: 1, count: rows)], anomalies: anomalies, trainingRows: training)
            return "taken"
        } catch {
            return error.description
        }
    }

    @Test func saysWhatDoesNotFit() {
        #expect(refusal() == "taken")
        #expect(refusal(columns: []) == "s: found no samples")
        #expect(refusal(columns: [[1, 2]]) == "s: found columns of 2 and 10 rows, expected the same for all")
        #expect(refusal(columns: [Array(repeating: .nan, count: 10)]) == "s: found no number")
        #expect(refusal(anomalies: [4..<12]).contains("found an anomaly in rows 4 to 11, expected rows 0 to 9"))
        #expect(refusal(anomalies: [4..<6, 5..<7]).contains("expected rows 6 to 9"))
        #expect(refusal(training: 10) == "s: found 10 rows, expected more than the 10 to train on")
    }

    @Test func labelsAreTheAnomaliesRows() {
        let series = Planted.series()
        #expect(series.labels.count == 1000 && LabelRuns(series.labels).ranges == [700..<760])
        #expect(series.times[1] - series.times[0] == 60_000_000)
    }
}
