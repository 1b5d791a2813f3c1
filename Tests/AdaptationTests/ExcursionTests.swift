import Testing

@testable import Adaptation

@Suite struct ExcursionTests {
    @Test(arguments: [1, 63, 64, 65, 1000, 100_000])
    func itsRowsAreSpreadEvenlyAndStandForAllSteps(steps: Int) {
        var excursion = Excursion(width: 2)
        for step in 0..<steps {
            guard let place = excursion.place() else { continue }
            excursion.rows[place] = Float(step)
            excursion.rows[place + 1] = -Float(step)
        }
        let stride = excursion.stride
        var kept: [Int] = []
        while let offset = excursion.takeLast() {
            #expect(excursion.rows[offset + 1] == -excursion.rows[offset])
            kept.append(Int(excursion.rows[offset]))
        }
        #expect(kept.reversed() == Array(Swift.stride(from: 0, to: steps, by: stride)))
        #expect(kept.count <= Excursion.capacity && kept.count * stride >= steps)
    }

    @Test func itIsEmptyAfterAReset() {
        var excursion = Excursion(width: 1)
        for _ in 0..<200 { _ = excursion.place() }
        excursion.reset()
        #expect(excursion.isEmpty && excursion.takeLast() == nil && excursion.stride == 1)
    }
}
