import Evaluation
import SedgeCore

/// Small series whose anomalies are known because they were put in.
enum Planted {
    /// A noisy sine of two channels; in rows 700 to 759 the first has another frequency and the second is stuck.
    static func series(
        rows: Int = 1000, training: Int = 400, anomaly: Range<Int>? = 700..<760, seed: UInt64 = 1,
        name: String = "planted"
    ) -> DetectionSeries {
        var random = SeededRandom(seed: seed)
        var columns: [[Double]] = [[], []]
        for row in 0..<rows {
            let isOdd = anomaly?.contains(row) == true
            let angle = Double(row) * (isOdd ? 0.9 : 0.3)
            columns[0].append(10 * (angle.truncatingRemainder(dividingBy: 6.28) / 6.28) + random.uniform())
            columns[1].append(isOdd ? 5 : 5 + random.uniform())
        }
        return try! DetectionSeries(
            name: name, times: DetectionSeries.times(count: rows, interval: 60), columns: columns,
            anomalies: anomaly.map { [$0] } ?? [], trainingRows: training)
    }

    /// Nothing that a sensor should send, but sensors do.
    static func nasty() -> DetectionSeries {
        let rows = 600
        let columns: [[Double]] = [
            (0..<rows).map { _ in 7 },
            (0..<rows).map { $0 < 300 ? .nan : Double($0) },
            (0..<rows).map { $0 == 500 ? 1e300 : $0 == 501 ? -.infinity : 1e-300 },
            (0..<rows).map { $0 % 7 == 0 ? .nan : Double($0 % 5) },
        ]
        return try! DetectionSeries(
            name: "nasty", times: DetectionSeries.times(count: rows, interval: 1), columns: columns,
            anomalies: [500..<502], trainingRows: 350)
    }
}
