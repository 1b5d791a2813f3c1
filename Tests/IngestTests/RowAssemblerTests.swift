import Testing

@testable import Ingest

@Suite struct RowAssemblerTests {
    /// Times whose products with the golden ratio's multiplier are small numbers, times that differ in their highest
    /// bits alone, and ordinary ones.
    @Test(arguments: [0, 1, 2]) func noChoiceOfTimesWantsOneSlot(choice: Int) {
        let golden: UInt64 = 0x9E37_79B9_7F4A_7C15
        var inverse = golden
        for _ in 0..<6 { inverse = inverse &* (2 &- golden &* inverse) }
        #expect(golden &* inverse == 1)
        let hashes = (UInt64(0)..<1000).map { number in
            let time =
                switch choice {
                case 0: number &* inverse
                case 1: number << 50
                default: 1_700_000_000_000_000 + number * 10_000
                }
            return RowAssembler.hash(of: Int64(bitPattern: time), bits: 11)
        }
        #expect(hashes.allSatisfy { (0..<2048).contains($0) })
        #expect(Set(hashes).count > 20)
    }
}
