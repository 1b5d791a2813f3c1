import SedgeCore
import Testing

@testable import Adaptation

@Suite struct RecursiveLeastSquaresTests {
    private static func samples(_ count: Int, seed: UInt64) -> [(input: [Double], targets: [Double])] {
        var random = SeededRandom(seed: seed)
        return (0..<count).map { _ in
            let input = (0..<6).map { _ in random.uniform() * 2 - 1 }
            let noise = random.uniform() - 0.5
            return (input, [2 * input[0] - input[3] + noise, input[5] - 0.5 * noise])
        }
    }

    @Test(arguments: [1, 3, 20, 400]) func equalsRidgeRegressionOverEverything(count: Int) {
        let samples = Self.samples(count, seed: 1)
        var regression = RecursiveLeastSquares(dimension: 6, targets: 2, ridge: 0.5, memory: .infinity)
        for sample in samples { regression.observe(sample.input, sample.targets) }
        // The normal equations: (XᵀX + ridge · I) w = Xᵀy.
        var normal = [Double](repeating: 0, count: 36)
        for index in 0..<6 { normal[index * 7] = 0.5 }
        for sample in samples {
            for row in 0..<6 {
                for column in 0..<6 { normal[row * 6 + column] += sample.input[row] * sample.input[column] }
            }
        }
        for target in 0..<2 {
            let moment = (0..<6).map { index in samples.reduce(0) { $0 + $1.input[index] * $1.targets[target] } }
            let weights = ConjugateGradients.solve(normal, moment)
            for (found, expected) in zip(regression.weights(of: target), weights) {
                #expect(abs(found - expected) < 1e-9)
            }
        }
    }

    /// Weights of ridge regression in which sample i of n counts λ^(n − i). The ridge comes back as fast as it is
    /// forgotten, one weight's a step.
    @Test func forgetsAtTheRateThatItSays() {
        let samples = Self.samples(300, seed: 2)
        var regression = RecursiveLeastSquares(dimension: 6, targets: 2, ridge: 0.5, memory: 50)
        for sample in samples { regression.observe(sample.input, sample.targets) }
        let forgetting = 1 - 1.0 / 50
        var normal = [Double](repeating: 0, count: 36)
        var moment = [Double](repeating: 0, count: 6)
        for index in 0..<6 { normal[index * 7] = 0.5 }
        for (number, sample) in samples.enumerated() {
            for index in normal.indices { normal[index] *= forgetting }
            for index in moment.indices { moment[index] *= forgetting }
            normal[number % 6 * 7] += 6 * 0.5 * (1 - forgetting)
            for row in 0..<6 {
                moment[row] += sample.input[row] * sample.targets[0]
                for column in 0..<6 { normal[row * 6 + column] += sample.input[row] * sample.input[column] }
            }
        }
        let weights = ConjugateGradients.solve(normal, moment)
        for (found, expected) in zip(regression.weights(of: 0), weights) { #expect(abs(found - expected) < 1e-8) }
    }

    /// A thousand times as long as it remembers: rounding must not add up.
    @Test func learnsOnHoweverLongItRuns() {
        var random = SeededRandom(seed: 4)
        var regression = RecursiveLeastSquares(dimension: 3, targets: 1, ridge: 1e-3, memory: 20)
        for step in 0..<20_000 {
            let sign = step / 500 % 2 == 0 ? 1.0 : -1.0
            let input = (0..<3).map { _ in random.uniform() * 2 - 1 }
            regression.observe(input, [sign * (2 * input[0] - input[1])])
            guard step % 500 == 499 else { continue }
            for (found, expected) in zip(regression.weights(of: 0), [2 * sign, -sign, 0]) {
                #expect(abs(found - expected) < 0.01, "step \(step)")
            }
        }
        #expect(regression.count == 20_000)
    }

    /// Inputs that are always 0, or always the same: nothing new comes from half of all directions.
    @Test(arguments: [0.0, 1.0]) func forgetsWhereNothingNewComesFromOthers(constant: Double) {
        var random = SeededRandom(seed: 5)
        var regression = RecursiveLeastSquares(dimension: 6, targets: 1, ridge: 0.01, memory: 50)
        for step in 0..<2500 {
            let input = (0..<6).map { $0 < 3 ? random.uniform() * 2 - 1 : constant }
            regression.observe(input, [(step < 2000 ? 2 : -2) * input[0]])
        }
        #expect(abs(regression.weights(of: 0)[0] + 2) < 0.1, "\(regression.weights(of: 0))")
    }

    /// What single precision leaves of a matrix with large and small directions is still one to go on from.
    @Test(arguments: 0..<20 as Range<UInt64>) func goesOnFromASnapshotOfLargeInputs(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        func sample() -> [Double] {
            let common = 2000 * random.uniform() - 1000
            return (0..<4).map { Double($0 + 1) * common + 1e-3 * random.uniform() }
        }
        var regression = RecursiveLeastSquares(dimension: 4, targets: 1, ridge: 1, memory: 1000)
        for _ in 0..<300 { regression.observe(sample(), [1]) }
        var writer = SnapshotWriter(format: 1)
        regression.write(to: &writer)
        var reader = try SnapshotReader(writer.finish(), format: 1)
        try regression.read(from: &reader)
        for _ in 0..<100 { regression.observe(sample(), [1]) }
        #expect(regression.count == 400)
    }

    @Test func aLongTimeWithoutNewsDoesNotBlowItUp() {
        var regression = RecursiveLeastSquares(dimension: 6, targets: 1, ridge: 1, memory: 100)
        for sample in Self.samples(200, seed: 3) { regression.observe(sample.input, [sample.targets[0]]) }
        let input = [1.0, 0, 0, 0, 0, 0]
        for _ in 0..<100_000 { regression.observe(input, [2]) }
        regression.observe([0, 0, 0, 1, 0, 0], [50])
        #expect(regression.weights(of: 0).allSatisfy { abs($0) < 60 })
    }

    @Test func whatIsNotFiniteIsLeftOut() {
        var regression = RecursiveLeastSquares(dimension: 6, targets: 1, ridge: 1, memory: 100)
        regression.observe([1, 0, 0, 0, 0, 0], [.nan])
        regression.observe([.infinity, 0, 0, 0, 0, 0], [1])
        #expect(regression.count == 0)
    }
}

@Suite struct QuantileTrackerTests {
    /// The shares hold for any errors: normal ones, skewed ones, ones whose size changes tenfold.
    @Test(arguments: 0..<3) func coversTheShareThatItSays(kind: Int) {
        var stream = SyntheticStream(seed: UInt64(40 + kind))
        var tracker = QuantileTracker()
        var below = [0, 0, 0]
        for step in 0..<20_000 {
            let noise = stream.gaussian()
            let error = [noise, noise * noise, noise * (step % 4000 < 2000 ? 1 : 10)][kind]
            if step >= 2000 { for index in 0..<3 where error < tracker.ordered[index] { below[index] += 1 } }
            tracker.observe(error)
        }
        for (count, share) in zip(below, QuantileTracker.shares) {
            #expect(abs(Double(count) / 18_000 - share) < 0.02, "\(kind): \(count) of 18000, expected \(share)")
        }
    }
}

@Suite struct ForecasterTests {
    /// A tone of 40 steps a period with noise: eight embeddings that hold its phase among others.
    private static func run(
        _ forecaster: inout Forecaster, from start: Int, steps: Int, seed: UInt64, noise: Double = 0.1,
        learns: Bool = true, isMuted: Bool = false, _ each: (Int, [Forecaster.Levels]?) -> Void
    ) {
        var stream = SyntheticStream(seed: seed)
        for step in start..<(start + steps) {
            let phase = 2 * Double.pi * Double(step) / 40
            let level = sine(phase) + noise * stream.gaussian()
            let embedding = (0..<8).map { Float(sine(phase + Double($0)) + 0.05 * stream.gaussian()) }
            let patch = [Float](repeating: Float(level), count: 4)
            let forecast = forecaster.observe(
                time: Timestamp(milliseconds: Int64(step) * 1000), embeddings: embedding.span, patches: patch.span,
                learns: learns, isMuted: isMuted)
            each(step, forecast)
        }
    }

    private static func sine(_ phase: Double) -> Double {
        var x = phase.truncatingRemainder(dividingBy: 2 * .pi)
        if x > .pi { x -= 2 * .pi }
        // Bhaskara's approximation: smooth enough, and no C library is needed.
        let y = abs(x)
        let value = 16 * y * (.pi - y) / (5 * .pi * .pi - 4 * y * (.pi - y))
        return x < 0 ? -value : value
    }

    private static func make() -> Forecaster {
        Forecaster(channels: 1, embeddingSize: 8, patch: 4, stepSeconds: 1)
    }

    @Test func beatsPersistenceAndItsIntervalsHoldWhatTheySay() {
        var forecaster = Self.make()
        var made: [Int: [Forecaster.Levels]] = [:]
        var own = 0.0, persistence = 0.0
        var inside = [0, 0, 0, 0], counted = 0
        var levels: [Int: Double] = [:]
        Self.run(&forecaster, from: 0, steps: 6000, seed: 5) { step, forecast in
            made[step] = forecast
            levels[step] = Self.sine(2 * .pi * Double(step) / 40)
        }
        // Again with the same noise, to know the levels that came.
        var stream = SyntheticStream(seed: 5)
        for step in 0..<6000 {
            levels[step]! += 0.1 * stream.gaussian()
            for _ in 0..<8 { _ = stream.gaussian() }
        }
        for step in 3000..<5900 {
            guard let forecast = made[step]?[0] else { continue }
            counted += 1
            for (index, horizon) in Forecaster.horizons.enumerated() {
                let came = levels[step + horizon] ?? 0
                if horizon == 16 {
                    own += abs(came - forecast.median[index])
                    persistence += abs(came - (levels[step] ?? 0))
                }
                if (forecast.lower[index]...forecast.upper[index]).contains(came) { inside[index] += 1 }
            }
        }
        #expect(counted == 2900)
        #expect(own < 0.2 * persistence, "\(own / 2900) against \(persistence / 2900)")
        for count in inside { #expect(abs(Double(count) / 2900 - 0.8) < 0.05, "\(inside) of 2900") }
    }

    @Test func saysNothingBeforeItHasLearned() {
        var forecaster = Self.make()
        var first: Int?
        Self.run(&forecaster, from: 0, steps: 400, seed: 6) { step, forecast in
            if forecast != nil, first == nil { first = step }
        }
        #expect(first == Forecaster.learningSteps + 63)
    }

    /// A night at rest is no measure of how well days are known.
    @Test func whatIsNotLearnedFromDoesNotNarrowTheBand() {
        var forecaster = Self.make()
        Self.run(&forecaster, from: 0, steps: 2000, seed: 7) { _, _ in }
        let before = forecaster.snapshot()
        Self.run(&forecaster, from: 2000, steps: 500, seed: 9, noise: 0, learns: false) { _, _ in }
        #expect(forecaster.snapshot() == before)
    }

    /// Neither as an input nor as what was to come; a step that is not learned from for another reason breaks nothing.
    @Test func maintenanceIsNotLearnedFromBehindItsWindow() {
        var forecaster = Self.make()
        Self.run(&forecaster, from: 0, steps: 500, seed: 7) { _, _ in }
        let learned = forecaster.learned
        Self.run(&forecaster, from: 500, steps: 1, seed: 8, learns: false) { _, _ in }
        Self.run(&forecaster, from: 501, steps: 9, seed: 8) { _, _ in }
        #expect(forecaster.learned == learned + 9)
        Self.run(&forecaster, from: 510, steps: 10, seed: 9, learns: false, isMuted: true) { _, _ in }
        Self.run(&forecaster, from: 520, steps: 64, seed: 10) { _, _ in }
        #expect(forecaster.learned == learned + 9)
        Self.run(&forecaster, from: 584, steps: 1, seed: 11) { _, _ in }
        #expect(forecaster.learned == learned + 10)
    }

    @Test func aRestoredOneGoesOn() throws {
        var forecaster = Self.make()
        Self.run(&forecaster, from: 0, steps: 2000, seed: 7) { _, _ in }
        var restored = Self.make()
        try restored.restore(forecaster.snapshot())
        #expect(restored.learned == forecaster.learned)
        var differences: [Double] = []
        var last: [Int: Double] = [:]
        Self.run(&forecaster, from: 2000, steps: 50, seed: 8) { step, forecast in
            last[step] = forecast?[0].median[2]
        }
        Self.run(&restored, from: 2000, steps: 50, seed: 8) { step, forecast in
            if let one = last[step], let other = forecast?[0].median[2] { differences.append(abs(one - other)) }
        }
        #expect(differences.count > 40)
        #expect(differences.allSatisfy { $0 < 0.05 }, "\(differences.max() ?? 0)")
    }

    @Test func aDamagedSnapshotIsRefusedAndChangesNothing() {
        var forecaster = Self.make()
        Self.run(&forecaster, from: 0, steps: 500, seed: 9) { _, _ in }
        let before = forecaster
        let snapshot = forecaster.snapshot()
        var random = SeededRandom(seed: 10)
        for _ in 0..<200 {
            var damaged = snapshot
            damaged[Int(random.next() % UInt64(damaged.count))] ^= UInt8(1 << (random.next() % 8))
            #expect(throws: SnapshotError.self) { try forecaster.restore(damaged) }
        }
        #expect(forecaster == before)
    }

    @Test func constantsAndWildValuesStayFinite() {
        var forecaster = Self.make()
        for step in 0..<3000 {
            let wild: Float = step % 500 == 499 ? .infinity : 0
            let embedding = [Float](repeating: wild, count: 8)
            let patch = [Float](repeating: wild, count: 4)
            let forecast = forecaster.observe(
                time: Timestamp(milliseconds: Int64(step) * 1000), embeddings: embedding.span, patches: patch.span,
                learns: true)
            for levels in forecast ?? [] {
                #expect((levels.lower + levels.median + levels.upper).allSatisfy { $0.isFinite })
            }
        }
    }
}
