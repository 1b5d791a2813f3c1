import Learning
import SedgeCore
import Testing

@testable import Evaluation

@Suite struct MathematicsTests {
    @Test(arguments: [1, 2, 7, 32])
    func eigenvectorsRebuildTheMatrix(size: Int) {
        var random = SeededRandom(seed: UInt64(size))
        let root = (0..<size).map { _ in (0..<size).map { _ in random.uniform() - 0.5 } }
        let matrix = (0..<size).map { i in (0..<size).map { j in zip(root[i], root[j]).reduce(0) { $0 + $1.0 * $1.1 } }
        }
        let eigen = SymmetricEigen(matrix)
        #expect(eigen.values == eigen.values.sorted(by: >))
        for i in 0..<size {
            for j in 0..<size {
                let rebuilt = (0..<size).reduce(0) {
                    $0 + eigen.values[$1] * eigen.vectors[$1][i] * eigen.vectors[$1][j]
                }
                #expect(abs(rebuilt - matrix[i][j]) < 1e-10)
            }
        }
    }

    @Test func aFactorSolvesItsSystem() throws {
        let factor = try #require(CholeskyFactor([4, 0, 0, 2, 5, 0, 1, 3, 6], size: 3))
        var x = [1.0, 2, 3]
        factor.solve(&x)
        let b = [4 * x[0] + 2 * x[1] + x[2], 2 * x[0] + 5 * x[1] + 3 * x[2], x[0] + 3 * x[1] + 6 * x[2]]
        #expect(zip(b, [1, 2, 3]).allSatisfy { abs($0 - $1) < 1e-12 })
        #expect(CholeskyFactor([1, 0, 2, 1], size: 2) == nil)
        #expect(CholeskyFactor([.nan], size: 1) == nil)
    }

    @Test func aPairedDifferenceHasAnInterval() throws {
        let clear = try #require(PairedDifference((0..<50).map { 1 + Double($0 % 5) / 10 }))
        #expect(abs(clear.mean - 1.2) < 1e-12 && clear.interval.lowerBound > 1.1 && clear.interval.upperBound < 1.3)
        let none = try #require(PairedDifference((0..<50).map { $0 % 2 == 0 ? 1 : -1 }))
        #expect(none.interval.contains(0))
        #expect(PairedDifference([1]) == nil)
    }

    @Test func aRunningMeanBeginsWithWhatThereIs() {
        #expect(RunningMean.of([2, 4, 6, 8], over: 2) == [2, 3, 5, 7])
    }
}
