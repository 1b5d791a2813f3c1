/// A convolution layer with int8 weights, as a bundle stores it; a pointwise layer has one tap.
///
/// Weights are symmetric per output channel: float weight = weight · weightScale[out]. The bias is in units of
/// input scale · weightScale[out] and carries no zero-point correction; that is added when the layer is packed.
package struct QuantizedConvolution: Sendable, Equatable {
    package var outputs: Int
    package var inputs: Int
    package var taps: Int
    package var weight: [Int8]  // (out, in, tap), −127…127; the last tap meets the newest frame
    package var weightScale: [Float]  // (out)
    package var bias: [Int32]  // (out)

    package init(
        outputs: Int, inputs: Int, taps: Int, weight: [Int8], weightScale: [Float], bias: [Int32]
    ) {
        self.outputs = outputs
        self.inputs = inputs
        self.taps = taps
        self.weight = weight
        self.weightScale = weightScale
        self.bias = bias
    }
}
