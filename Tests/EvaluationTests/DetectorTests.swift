import Inference
import SedgeCore
import Testing

@testable import Evaluation

@Suite struct DetectorTests {
    private static let bundle = try! ModelBundle.random(
        architecture: TCNArchitecture(mode: .independent, patch: 8, channels: 8, blocks: 3, embedding: 8), seed: 5)

    private static func agent(hop: Int = 1) -> AgentDetector {
        AgentDetector(name: "sedge", bundle: bundle, kernels: .scalar, settings: AgentSettings(hop: hop))
    }

    private static var all: [any Detector] { [agent(), agent(hop: 4)] + Baselines.detectors }

    @Test(arguments: 0..<all.count)
    func whatComesLaterChangesNothing(index: Int) throws {
        let detector = Self.all[index]
        let whole = Planted.series()
        let cut = try DetectionSeries(
            name: whole.name, times: whole.times,
            columns: whole.columns.map { $0.enumerated().map { $0.offset < 600 ? $0.element : -40 } },
            anomalies: [], trainingRows: whole.trainingRows)
        let (first, second) = try (detector.run(on: whole), detector.run(on: cut))
        #expect(first.scores.count == whole.rowCount)
        #expect(first.scores[..<600] == second.scores[..<600], "\(detector.name)")
        if let decisions = first.decisions {
            #expect(decisions.isAlarming[..<600] == second.decisions!.isAlarming[..<600])
        }
    }

    @Test(arguments: 0..<all.count)
    func scoresOfAnythingAreFinite(index: Int) throws {
        let output = try Self.all[index].run(on: Planted.nasty())
        #expect(output.scores.count == 600 && output.scores.allSatisfy(\.isFinite), "\(Self.all[index].name)")
    }

    @Test(arguments: ["Sub-PCA, raw windows of 32", "k-means, raw windows of 32", "sedge"])
    func aPlantedFaultRanksHigh(name: String) throws {
        let detector = try #require(Self.all.first { $0.name == name })
        let series = Planted.series()
        let scores = try detector.run(on: series).scores
        let area = try #require(
            AreaUnderCurve.roc(scores: Array(scores[400...]), labels: Array(series.labels[400...])))
        #expect(area > 0.8, "\(name): \(area)")
    }

    @Test func theAgentReportsWhatItsSubscribersWouldHear() throws {
        let output = try Self.agent().run(on: Planted.series(rows: 2000, anomaly: 1500..<1700))
        let decisions = try #require(output.decisions)
        let alarm = try #require(decisions.alarms.first { $0 >= 1500 })
        #expect(alarm < 1600 && decisions.isAlarming[alarm] && output.scores[alarm] > 3)
        // Nothing before it is calibrated.
        #expect(output.scores[..<300].allSatisfy { $0 == 0 })
    }

    @Test func moreChannelsThanTheAgentTakesAreRefused() throws {
        let series = try DetectionSeries(
            name: "wide", times: DetectionSeries.times(count: 10, interval: 1),
            columns: Array(repeating: Array(repeating: 1, count: 10), count: 65), anomalies: [], trainingRows: 5)
        let error = try #require(throws: EvaluationError.self) { try Self.agent().run(on: series) }
        #expect(error.description.contains("65 channels") && error.place == "wide")
    }

    @Test func calibrationMakesAnExponentialTail() {
        let tail = TailCalibration((0..<1000).map { Double($0) })
        #expect(tail.surprise(-1) == 0)
        #expect(abs(tail.surprise(500) - 0.693) < 0.01)
        #expect(tail.surprise(990) < tail.surprise(1010) && tail.surprise(1e9) == 30)
        #expect(TailCalibration([]).surprise(3) == 3)
        #expect(TailCalibration([2, 2, 2]).surprise(2) == 0)
    }

    @Test func anAlarmNeedsQuietBeforeTheNext() {
        let scores = [0.0, 2, 0, 2, 0, 0, 3, 3, 0]
        #expect(AlarmRule(rearm: 2).alarms(in: scores, threshold: 2) == [1, 6])
        #expect(AlarmRule(rearm: 0).alarms(in: scores, threshold: 2) == [1, 3, 6, 7])
        #expect(AlarmRule(rearm: 2).alarms(in: scores, threshold: .infinity).isEmpty)
    }
}
