import FoundationEssentials
import TestSupport

/// What other people's code says of random cases: `Reference/metrics.json`, written by `generate.py` beside it.
struct MetricReference: Decodable {
    struct Detection: Decodable, Sendable {
        let rows: Int
        let anomalies: [[Int]]
        let scores: [Double]
        let window: Int
        let predictions: [[Int]]
        let roc, precisionRecall, vusROC, vusPR, rangeF1, bestRangeF1, f1: Double

        var labels: [Bool] { expand(anomalies) }
        var predicted: [Bool] { expand(predictions) }

        /// From first rows and lengths.
        private func expand(_ runs: [[Int]]) -> [Bool] {
            var marks = [Bool](repeating: false, count: rows)
            for run in runs { for row in run[0]..<run[0] + run[1] { marks[row] = true } }
            return marks
        }
    }
    struct Covering: Decodable, Sendable {
        let rows: Int
        let actual, found: [Int]
        let covering: Double
    }
    struct Classification: Decodable, Sendable {
        let classes: Int
        let actual, predicted: [Int]
        let accuracy, macroF1: Double
    }
    struct Ridge: Decodable, Sendable {
        let x, y: [[Double]]
        let strength: Double
        let query, prediction: [Double]
    }

    let detection: [Detection]
    let covering: [Covering]
    let classification: [Classification]
    let ridge: [Ridge]

    static let all: MetricReference = {
        let file = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast()
        let path = file.joined(separator: "/") + "/Reference/metrics.json"
        return try! JSONDecoder().decode(Self.self, from: Data(TestFile.read(path)))
    }()
}
