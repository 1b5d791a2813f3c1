/// What the kernels compute, said a second time and in other words: integers in Int64, each float32 operation done
/// exactly in Double and then rounded once.
enum KernelReference {
    /// The product of two float32 numbers is exact in Double.
    static func product(_ left: Float, _ right: Float) -> Float { Float(Double(left) * Double(right)) }

    /// A Double has more than twice the digits of a float32, so rounding the sum twice is rounding it once.
    static func sum(_ left: Float, _ right: Float) -> Float { Float(Double(left) + Double(right)) }

    static func requantize(_ value: Float, zeroPoint: Int, low: Int) -> Int8 {
        let rounded = value.rounded(.toNearestOrEven) + Float(zeroPoint)
        return Int8(max(Float(low), min(127, rounded)))
    }

    /// weight (out, in, tap), frames (row)(tap)(in), bias with its correction; gives (rows, out).
    static func convolve(
        weight: [Int8], outputs: Int, bias: [Int32], multiplier: [Float], zeroPoint: Int, low: Int,
        frames: [[[Int8]]]
    ) -> [Int8] {
        frames.flatMap { taps in
            (0..<outputs).map { output in
                var total = Int64(bias[output])
                for (tap, frame) in taps.enumerated() {
                    for (input, value) in frame.enumerated() {
                        total += Int64(weight[(output * frame.count + input) * taps.count + tap]) * Int64(value)
                    }
                }
                return requantize(product(Float(total), multiplier[output]), zeroPoint: zeroPoint, low: low)
            }
        }
    }
}
