extension FixedWidthInteger where Self: UnsignedInteger {
    /// All digits, leading zeros too: 8 for 32 bits, 16 for 64.
    package var hexadecimal: String {
        let digits = String(self, radix: 16)
        return String(repeating: "0", count: Self.bitWidth / 4 - digits.count) + digits
    }
}
