/// int8 weights, symmetric, with a scale for each output channel: weight ≈ value · scale, value in −127…127.
package struct QuantizedWeight: Sendable, Equatable {
    package let outputs: Int
    package private(set) var values: [Int8]  // (out, …)
    package private(set) var scales: [Float]  // (out)

    /// 1.5 · 2²³: added and taken away again it rounds half to even, in a loop that vectorises.
    private static let rounder: Float = 12_582_912

    /// Rounds each output channel of `weight` (out, …) with the step that loses least.
    ///
    /// A channel's candidates clip at 60 % to 100 % of its largest magnitude; the smallest mean square error wins.
    /// −128 never occurs: kernels rely on that.
    package init(_ weight: [Float], outputs: Int) {
        precondition(outputs > 0 && weight.count % outputs == 0)
        self.outputs = outputs
        let width = weight.count / outputs
        values = []
        values.reserveCapacity(weight.count)
        scales = []
        weight.withUnsafeBufferPointer { weight in
            for output in 0..<outputs {
                let row = UnsafeBufferPointer(rebasing: weight[output * width..<(output + 1) * width])
                let largest = row.reduce(Float(0)) { max($0, abs($1)) }
                // A channel of zeros keeps any scale; 1 is as good as another and is not zero.
                let scale = largest > 0 ? Self.bestScale(row, largest: largest) : 1
                scales.append(scale)
                for value in row { values.append(Int8(Self.steps(value, scale))) }
            }
        }
    }

    /// The weights that the int8 values stand for.
    package var dequantized: [Float] {
        let width = values.count / outputs
        return values.enumerated().map { Float($1) * scales[$0 / width] }
    }

    private static func bestScale(_ row: UnsafeBufferPointer<Float>, largest: Float) -> Float {
        var best = (scale: largest / 127, error: Float.infinity)
        for percent in stride(from: 100, through: 60, by: -4) {
            let scale = largest * Float(percent) / 100 / 127
            var error: Float = 0
            for value in row {
                let difference = value - steps(value, scale) * scale
                error += difference * difference
            }
            if error < best.error { best = (scale, error) }
        }
        return best.scale
    }

    /// value / scale, rounded half to even and limited.
    @inline(__always)
    private static func steps(_ value: Float, _ scale: Float) -> Float {
        let steps = value / scale
        let raised = steps > -127 ? steps : -127
        let limited = raised < 127 ? raised : 127
        return (limited + rounder) - rounder
    }
}
