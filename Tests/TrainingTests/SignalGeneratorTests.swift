import SedgeCore
import Testing

@testable import Training

struct SignalGeneratorTests {
    @Test func theSameSeedGivesTheSameSignalsAndAnotherSeedOthers() {
        var (a, b, c) = (SignalGenerator(seed: 1), SignalGenerator(seed: 1), SignalGenerator(seed: 2))
        let first = a.next(300)
        #expect(first == b.next(300))
        #expect(first != c.next(300))
        #expect(first != a.next(300))
    }

    @Test(arguments: SignalFamily.allCases)
    func everyFamilyIsFiniteAndVaries(family: SignalFamily) {
        for seed in 1...20 as ClosedRange<UInt64> {
            var random = SeededRandom(seed: seed)
            let signal = family.draw(1500, &random)
            #expect(signal.count == 1500)
            #expect(signal.allSatisfy { $0.isFinite && abs($0) < 1e4 }, "\(family), seed \(seed)")
        }
        var random = SeededRandom(seed: 3)
        let signal = family.draw(20_000, &random)
        #expect(signal.max()! > signal.min()!, "\(family)")
    }
}
