/// How a tensor of activations becomes int8: value ≈ (q − zeroPoint) · scale, q in −128…127.
package struct ActivationRange: Sendable, Equatable {
    package let scale: Float
    package let zeroPoint: Int

    package init(scale: Float, zeroPoint: Int) {
        precondition(scale > 0 && (-128...127).contains(zeroPoint))
        self.scale = scale
        self.zeroPoint = zeroPoint
    }

    /// Covers low…high, widened so that zero is exact: padding and ReLU need it.
    package init(low: Float, high: Float) {
        let (low, high) = (min(low, 0), max(high, 0))
        scale = Self.scale(high - low, steps: 255)
        zeroPoint = max(-128, min(127, Int((-128 - low / scale).rounded(.toNearestOrEven))))
    }

    /// Covers −magnitude…magnitude with zero at zero, for values that have no preferred sign.
    package init(symmetric magnitude: Float) {
        scale = Self.scale(magnitude, steps: 127)
        zeroPoint = 0
    }

    /// Values so small that no bundle may have their scale are as good as zeros, which keep any scale.
    private static func scale(_ width: Float, steps: Float) -> Float {
        let scale = width / steps
        return scale >= 1e-30 ? scale : 1
    }

    /// The smallest and the largest q − zeroPoint.
    var lowestStep: Float { Float(-128 - zeroPoint) }
    var highestStep: Float { Float(127 - zeroPoint) }

    package func quantize(_ value: Float) -> Int8 {
        let scaled = (value / scale).rounded(.toNearestOrEven) + Float(zeroPoint)
        return Int8(max(-128, min(127, scaled)))
    }

    package func dequantize(_ value: Int8) -> Float { Float(Int(value) - zeroPoint) * scale }
}
