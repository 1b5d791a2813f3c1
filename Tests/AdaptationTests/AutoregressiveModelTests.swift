import SedgeCore
import Testing

@testable import Adaptation

@Suite struct AutoregressiveModelTests {
    /// A series, and the scores of its last samples after learning all before.
    private func scores(_ series: [Float], last: Int) -> [Double] {
        var model = AutoregressiveModel(memory: 10_000)
        return series.indices.dropFirst(AutoregressiveModel.order).compactMap { index in
            let score = model.score(series, at: index)
            model.learn(series, at: index)
            return index >= series.count - last ? score : nil
        }
    }

    private func recursion(_ count: Int, noise: Double) -> [Float] {
        var random = SeededRandom(seed: 1)
        var series: [Float] = [0, 0.3]
        while series.count < count {
            let (one, two) = (series[series.count - 1], series[series.count - 2])
            series.append(1.6 * one - 0.9 * two + Float(noise * (random.uniform() - 0.5)))
        }
        return series
    }

    @Test func whatGoesOnAsItDidScoresAboutOne() {
        let found = scores(recursion(4000, noise: 1), last: 2000)
        #expect((0.7...1.3).contains(found.reduce(0, +) / 2000))
    }

    @Test func whatNoRecursionForetoldScoresHigh() {
        var series = recursion(4000, noise: 0.2)
        series[3999] += 2
        #expect(scores(series, last: 1)[0] > 50)
    }

    @Test(arguments: [0, 1e-3, 1] as [Float])
    func equalSamplesDoNotWindItUpHoweverMany(value: Float) {
        var model = AutoregressiveModel(memory: 10_000)
        let window = [Float](repeating: value, count: 9)
        for _ in 0..<100_000 { model.learn(window, at: 8) }
        #expect(model.score(window, at: 8) < 1)
        var other = window
        other[8] += 5
        #expect(model.score(other, at: 8).isFinite)
    }
}
