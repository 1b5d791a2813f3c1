import Learning
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

struct WindowShapeTests {
    private func shape(_ samples: [Float], count: Int) -> [Float] {
        var row = [Float](repeating: 0, count: WindowShape.count)
        samples.withUnsafeBufferPointer { samples in
            row.withUnsafeMutableBufferPointer {
                WindowShape.write(
                    $0.baseAddress!, of: samples.baseAddress! + samples.count - count, count: count)
            }
        }
        return row
    }

    /// Period 4: what changes over one sample and over two; over four, eight and sixteen nothing does.
    @Test func aToneIsFlatAtItsPeriod() {
        let tone: [Float] = (0..<32).map { [1, 0, -1, 0][$0 % 4] }
        let row = shape(tone, count: 16)
        #expect(Array(row[0..<3]) == [0, 1, -1])
        let expected: [Float] = [0.5, 1, 1, 0, 0, 0].map { log(0.03 + $0) }
        for (found, wanted) in zip(row[3...], expected) { #expect(abs(found - wanted) < 1e-6) }
    }

    @Test func aConstantHasNoSpreadAndARampGrowsWithTheLag() {
        let constant = shape([Float](repeating: 2, count: 30), count: 10)
        #expect(constant == [2, 2, 2] + [Float](repeating: log(0.03), count: 6))
        let ramp = shape((0..<30).map(Float.init), count: 10)
        for (place, lag) in [1, 2, 4, 8, 16].enumerated() {
            #expect(abs(ramp[4 + place] - log(0.03 + Float(lag))) < 1e-6)
        }
    }
}
