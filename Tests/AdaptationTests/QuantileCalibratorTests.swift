import SedgeCore
import Testing

@testable import Adaptation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

@Suite struct QuantileCalibratorTests {
    private func calibrator(memory: Double = 100_000) -> QuantileCalibrator {
        QuantileCalibrator(memory: memory, lowestExponent: -6, tailFloor: 0.05, margin: 1, caution: 0)
    }

    @Test func agreesWithTheExponentialItWasFedTo() {
        var calibrator = calibrator()
        var random = SeededRandom(seed: 31)
        for _ in 0..<50_000 { calibrator.observe(-log(1 - random.uniform())) }
        for score in [0.1, 0.5, 1.0, 2.0, 3.0, 5.0, 8.0, 12.0] {
            let ratio = calibrator.pValue(score) / exp(-score)
            // Sixty excesses know the tail's scale to an eighth: at 12, five scales beyond them, to a factor of two.
            let slack = score > 5 ? 2.5 : 1.5
            #expect(ratio > 1 / slack && ratio < slack, "at \(score): \(ratio)")
        }
        #expect(abs(calibrator.extremalIndex - 1) < 0.2)
    }

    @Test func neverRisesWithTheScore() {
        var calibrator = calibrator()
        var random = SeededRandom(seed: 32)
        for count in 0..<2000 {
            calibrator.observe(3 * random.uniform() * random.uniform())
            guard count % 97 == 0 else { continue }
            var last = 1.0
            for index in 0..<400 {
                let p = calibrator.pValue(Double(index) * 0.02)
                #expect(p <= last * 1.02 && p >= QuantileCalibrator.leastP)
                last = p
            }
        }
    }

    @Test func runsOfExcessesLowerTheExtremalIndex() {
        var calibrator = calibrator()
        var random = SeededRandom(seed: 33)
        for _ in 0..<8000 {
            let score = -log(1 - random.uniform())
            for _ in 0..<5 { calibrator.observe(score) }
        }
        #expect(calibrator.extremalIndex > 0.12 && calibrator.extremalIndex < 0.5)
    }

    @Test func forgetsAtThePaceOfItsMemory() {
        var calibrator = calibrator(memory: 500)
        for index in 0..<1000 { calibrator.observe(1 + 0.1 * Double(index % 10)) }
        #expect(calibrator.pValue(4) < 0.001)
        for index in 0..<3000 { calibrator.observe(4 + 0.1 * Double(index % 10)) }
        #expect(calibrator.pValue(4) > 0.9)
    }

    @Test func aMillionEqualScoresAreOrdinaryAndAnotherIsNot() {
        var calibrator = calibrator(memory: 10_000)
        for _ in 0..<1_000_000 { calibrator.observe(0) }
        #expect(calibrator.pValue(0) == 1)
        #expect(calibrator.pValue(5) < 1e-6)
        #expect(calibrator.weight.isFinite && calibrator.weight <= 10_001)
    }

    @Test func oneWildScoreDoesNotHideTheNext() {
        var calibrator = calibrator()
        var random = SeededRandom(seed: 34)
        for _ in 0..<5000 { calibrator.observe(-log(1 - random.uniform())) }
        calibrator.observe(1e6)
        for _ in 0..<16 { calibrator.observe(0.5) }
        #expect(calibrator.pValue(20) < 1e-6)
    }

    @Test func nothingIsSurprisingWithoutHistory() { #expect(calibrator().pValue(1e9) == 1) }
}
