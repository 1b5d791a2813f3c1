import Learning
import SedgeCore
import Testing

/// One parameter under the loss Σ scale · (x − goal)².
private struct Quadratic: ParameterGroup {
    var parameter: Parameter
    let goal: [Float]
    let scale: [Float]

    mutating func forEachParameter(_ body: (inout Parameter) -> Void) { body(&parameter) }

    mutating func differentiate() {
        clearGradients()
        for index in goal.indices {
            parameter.gradient[index] = 2 * scale[index] * (parameter.value[index] - goal[index])
        }
    }
}

struct OptimizerTests {
    private func quadratic(decays: Bool = false) -> Quadratic {
        Quadratic(
            parameter: Parameter("x", [5, -3, 0.5], decays: decays), goal: [1, 2, -1], scale: [0.01, 1, 50])
    }

    @Test func findsTheMinimumOfABadlyScaledQuadratic() {
        var group = quadratic()
        var optimizer = AdamW(weightDecay: 0)
        let schedule = LearningRateSchedule(peak: 0.1, warmUp: 20, steps: 1000, floor: 0)
        for step in 0..<1000 {
            group.differentiate()
            optimizer.update(&group, rate: schedule.rate(at: step))
        }
        for (value, goal) in zip(group.parameter.value, group.goal) { #expect(abs(value - goal) < 0.01) }
    }

    @Test func theFirstStepIsTheRateInEveryDirection() {
        var group = quadratic()
        var optimizer = AdamW(weightDecay: 0)
        group.differentiate()
        optimizer.update(&group, rate: 0.1)
        for (value, expected) in zip(group.parameter.value, [4.9, -2.9, 0.4] as [Float]) {
            #expect(abs(value - expected) < 1e-5)
        }
    }

    @Test func decayShrinksWeightsApartFromTheGradient() {
        var group = quadratic(decays: true)
        var optimizer = AdamW(weightDecay: 0.5)
        group.clearGradients()
        optimizer.update(&group, rate: 0.1)
        let decayed: [Float] = [5 * 0.95, -3 * 0.95, 0.5 * 0.95]
        #expect(group.parameter.value == decayed)
    }

    @Test func goesOnFromSavedMomentsAsIfUnbroken() throws {
        var group = quadratic()
        var optimizer = AdamW()
        for _ in 0..<7 {
            group.differentiate()
            optimizer.update(&group, rate: 0.05)
        }
        var writer = SnapshotWriter(format: 1)
        optimizer.save(to: &writer)
        var reader = try SnapshotReader(writer.finish(), format: 1)
        var restored = AdamW()
        try restored.restore(from: &reader)
        var other = group
        group.differentiate()
        optimizer.update(&group, rate: 0.05)
        other.differentiate()
        restored.update(&other, rate: 0.05)
        #expect(group.parameter.value == other.parameter.value)
    }

    @Test func clipsTheCommonNormAndLeavesSmallGradientsAlone() {
        var group = quadratic()
        group.parameter.gradient = [3, 4, 0]
        #expect(group.clipGradients(to: 10) == 5)
        #expect(group.parameter.gradient == [3, 4, 0])
        #expect(group.clipGradients(to: 1) == 5)
        #expect(abs(group.parameter.gradient[0] - 0.6) < 1e-6 && abs(group.parameter.gradient[1] - 0.8) < 1e-6)
    }

    @Test func rateRisesToItsPeakAndFallsToItsFloor() {
        let schedule = LearningRateSchedule(peak: 1, warmUp: 10, steps: 110, floor: 0.1)
        #expect(abs(schedule.rate(at: 0) - 0.1) < 1e-6)
        #expect(schedule.rate(at: 10) == 1)
        #expect(abs(schedule.rate(at: 60) - 0.55) < 1e-6)
        #expect(schedule.rate(at: 109) < 0.101)
        #expect(schedule.rate(at: 500) == 0.1)
    }
}
