/// How an activation tensor is kept in int8: real value = scale · (q − zeroPoint).
package struct ActivationQuantization: Sendable, Equatable {
    /// Positive and normal.
    package var scale: Float
    package var zeroPoint: Int8

    package init(scale: Float, zeroPoint: Int8) {
        self.scale = scale
        self.zeroPoint = zeroPoint
    }

    /// The quantization of a rectified tensor with values in 0…maximum: all 256 steps above zero.
    package static func rectified(maximum: Float) -> Self {
        Self(scale: maximum / 255, zeroPoint: -128)
    }

    /// The quantization of a signed tensor with values in ±maximum.
    package static func symmetric(maximum: Float) -> Self {
        Self(scale: maximum / 127, zeroPoint: 0)
    }

    package func dequantize(_ value: Int8) -> Float { scale * Float(Int(value) - Int(zeroPoint)) }
}
