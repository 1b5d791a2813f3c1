package import Inference
package import Learning

extension TailNetwork {
    /// The float network of an int8 tail.
    ///
    /// - Parameter origin: the tail whose scales of activations are where the learned ones count from; nil: this one.
    package init(_ tail: QuantizedTail, from origin: QuantizedTail? = nil) {
        let (conv, pointwise, projection) = (tail.block.conv, tail.block.pointwise, tail.projection)
        self.init(
            Layers(
                convolution: FoldedLayer(conv, inputScale: tail.input.scale),
                pointwise: FoldedLayer(pointwise, inputScale: tail.block.convOutput.scale),
                projection: FoldedLayer(projection, inputScale: tail.block.output.scale)),
            ranges: Ranges(tail), from: origin.map { Ranges($0) })
    }

    /// The integers that it rounds to.
    package func quantized(like tail: QuantizedTail) -> QuantizedTail {
        let (layers, ranges) = (layers, ranges)
        let taps = tail.block.conv.taps
        let hidden = ActivationQuantization(ranges.hidden)
        let output = ActivationQuantization(ranges.output)
        return QuantizedTail(
            input: tail.input,
            block: QuantizedTCN.Block(
                conv: QuantizedConvolution(layers.convolution, taps: taps, inputScale: tail.input.scale),
                pointwise: QuantizedConvolution(layers.pointwise, taps: 1, inputScale: hidden.scale),
                convOutput: hidden, pointwiseOutput: ActivationQuantization(ranges.branch), output: output),
            projection: QuantizedConvolution(layers.projection, taps: 1, inputScale: output.scale),
            embedding: ActivationQuantization(ranges.embedding))
    }
}

extension TailNetwork.Ranges {
    fileprivate init(_ tail: QuantizedTail) {
        self.init(
            hidden: ActivationRange(tail.block.convOutput), branch: ActivationRange(tail.block.pointwiseOutput),
            output: ActivationRange(tail.block.output), embedding: ActivationRange(tail.embedding))
    }
}

extension FoldedLayer {
    /// The frames under the taps side by side, the newest last: (out, in, tap) becomes (out, tap · in).
    fileprivate init(_ layer: QuantizedConvolution, inputScale: Float) {
        let width = layer.inputs * layer.taps
        var weight = [Float](repeating: 0, count: layer.weight.count)
        for output in 0..<layer.outputs {
            for input in 0..<layer.inputs {
                for tap in 0..<layer.taps {
                    weight[output * width + tap * layer.inputs + input] =
                        Float(layer.weight[(output * layer.inputs + input) * layer.taps + tap])
                        * layer.weightScale[output]
                }
            }
        }
        let bias = layer.bias.indices.map { Float(layer.bias[$0]) * inputScale * layer.weightScale[$0] }
        self.init(taps: 1, outputs: layer.outputs, inputs: width, dilation: 1, weight: weight, bias: bias)
    }
}

extension QuantizedConvolution {
    fileprivate init(_ layer: FoldedLayer, taps: Int, inputScale: Float) {
        let (outputs, inputs) = (layer.outputs, layer.inputs / taps)
        let rounded = layer.quantizedWeight
        var weight = rounded.values
        for output in 0..<outputs {
            for input in 0..<inputs {
                for tap in 0..<taps {
                    weight[(output * inputs + input) * taps + tap] =
                        rounded.values[output * layer.inputs + tap * inputs + input]
                }
            }
        }
        let bias = layer.bias.indices.map { output in
            let steps = Double(layer.bias[output]) / (Double(inputScale) * Double(rounded.scales[output]))
            return Int32(max(-1e9, min(1e9, steps.rounded(.toNearestOrEven))))
        }
        self.init(
            outputs: outputs, inputs: inputs, taps: taps, weight: weight, weightScale: rounded.scales, bias: bias)
    }
}

extension ActivationRange {
    fileprivate init(_ range: ActivationQuantization) { self.init(scale: range.scale, zeroPoint: Int(range.zeroPoint)) }
}

extension ActivationQuantization {
    fileprivate init(_ range: ActivationRange) { self.init(scale: range.scale, zeroPoint: Int8(range.zeroPoint)) }
}
