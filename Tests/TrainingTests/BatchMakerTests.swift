import Learning
import SedgeCore
import Testing

@testable import Training

struct BatchMakerTests {
    private let targets = PretextTargets(history: 8, future: 4, horizons: [8])

    private func maker(seed: UInt64 = 1, recordings: [TrainingSeries] = []) -> BatchMaker {
        BatchMaker(patch: 8, targets: targets, rows: 1024, seed: seed, recordings: recordings)
    }

    @Test func aBatchFollowsFromSeedAndNumberAlone() {
        let (a, b) = (maker().batch(3), maker().batch(3))
        #expect(a.patches == b.patches && a.targets == b.targets && a.weights == b.weights && a.pairs == b.pairs)
        #expect(maker().batch(4).patches != a.patches)
        #expect(maker(seed: 2).batch(3).patches != a.patches)
    }

    @Test func valuesAreWithinTheNormalisersLimits() {
        for number in 0..<6 {
            let batch = maker().batch(number)
            #expect(batch.patches.rows % batch.lanes == 0 && batch.patches.rows <= 1024)
            #expect(batch.patches.values.allSatisfy { abs($0) <= 8 })
            #expect(batch.targets.values.allSatisfy { abs($0) <= 8 })
            #expect(batch.weights.values.allSatisfy { (0...1).contains($0) })
            #expect(batch.weights.values.contains(1) && batch.weights.values.contains(0.15))
        }
    }

    /// Two crops differ in gain, noise and blanks, not in what they show: their targets are proportional.
    @Test func pairsShowTheSameMoment() {
        for number in 0..<6 {
            let batch = maker().batch(number)
            #expect(!batch.pairs.isEmpty)
            for pair in batch.pairs {
                #expect(pair.first % batch.lanes + batch.lanes / 2 == pair.second % batch.lanes)
                var (dot, a, b) = (0.0, 0.0, 0.0)
                for column in 0..<targets.history + targets.future {
                    let (x, y) = (Double(batch.targets[pair.first, column]), Double(batch.targets[pair.second, column]))
                    // A gain may push one of them over the limit.
                    guard abs(x) < 7.9 && abs(y) < 7.9 else { continue }
                    dot += x * y
                    a += x * x
                    b += y * y
                }
                if a > 1e-6 && b > 1e-6 { #expect(dot / (a * b).squareRoot() > 0.9999) }
            }
        }
    }

    @Test func visibleSamplesOfAPatchAreItsTargetsUpToNoise() {
        var (difference, count) = (0.0, 0.0)
        for number in 0..<4 {
            let batch = maker().batch(number)
            for row in 0..<batch.patches.rows {
                for column in 0..<8 where batch.weights[row, column] < 1 {
                    difference += Double(abs(batch.patches[row, column] - batch.targets[row, column]))
                    count += 1
                }
            }
        }
        #expect(count > 1000)
        #expect(difference / count < 0.08)
    }

    @Test func familiesAreThoseOfSeriesThatShowOne() {
        var known = 0
        for number in 0..<6 {
            let batch = maker().batch(number)
            #expect(batch.families.count == batch.lanes)
            // Both views of a series show the same.
            #expect(batch.families.prefix(batch.lanes / 2) == batch.families.suffix(batch.lanes / 2))
            #expect(batch.families.allSatisfy { (-1..<Int32(SignalFamily.allCases.count)).contains($0) })
            known += batch.families.count { $0 >= 0 }
        }
        #expect(known > 0)
    }

    /// A view that begins with one patch of 8 has not shown a window of 12 before its fifth sample more.
    @Test func shapesOfWindowsThatWereNotShownAreNoTargets() {
        let targets = PretextTargets(history: 8, future: 4, horizons: [8], shapes: [12])
        var recipe = BatchRecipe(patch: 8, targets: targets, rows: 1024)
        recipe.hops = [1]
        let batch = BatchMaker(recipe, seed: 3).batch(0)
        let column = targets.first(.shape)
        for lane in 0..<batch.lanes {
            for step in 0..<8 {
                #expect(batch.weights[step * batch.lanes + lane, column] == (step < 4 ? 0 : 1))
            }
        }
    }

    @Test func recordingsAreUsedAndTheirGapsAreNoTargets() throws {
        // A ramp of steps that no generated family makes, with a gap in it.
        var values = (0..<4000).map { Double(($0 / 3) % 7) }
        for index in 1000..<1400 { values[index] = .nan }
        let series = try TrainingSeries(values, name: "test", shortest: 500)
        let maker = maker(recordings: [series])
        var uncounted = 0
        for number in 0..<10 {
            let batch = maker.batch(number)
            #expect(batch.patches.values.allSatisfy { $0.isFinite })
            for row in 0..<batch.weights.rows where batch.weights[row, 0] == 0 { uncounted += 1 }
        }
        #expect(uncounted > 0)
    }

    @Test(
        arguments: [
            ([Double](repeating: 1, count: 50), "expected at least 200"),
            ([Double](repeating: 3, count: 500), "found a constant"),
            ([Double](repeating: .nan, count: 500), "missing"),
            (
                (0..<500).map { (100..<320).contains($0) ? .nan : Double($0) },
                "220 missing samples in a row from row 100"
            ),
        ] as [([Double], String)])
    func uselessRecordingsAreRefused(values: [Double], reason: String) {
        let error = #expect(throws: TrainingError.self) {
            try TrainingSeries(values, name: "pump.csv, column a", shortest: 200)
        }
        #expect(error?.description.contains(reason) == true)
        #expect(error?.description.hasPrefix("pump.csv, column a: ") == true)
    }
}
