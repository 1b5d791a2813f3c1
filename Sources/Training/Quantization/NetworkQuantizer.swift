package import Inference
package import Learning

/// Makes the int8 network of a bundle.
package enum NetworkQuantizer {
    /// From a float network and what calibration saw.
    package static func quantize(_ network: FoldedNetwork, _ calibration: NetworkCalibration) -> QuantizedTCN {
        quantize(calibrated(network, calibration))
    }

    /// The float network rounded by calibrated ranges, its biases corrected: to measure, or to fine-tune.
    package static func calibrated(
        _ network: FoldedNetwork, _ calibration: NetworkCalibration
    ) -> FakeQuantizedNetwork {
        var result = FakeQuantizedNetwork(network, range: calibration.range)
        result.correctBiases(means: calibration.means)
        return result
    }

    /// The integers that a network rounds to.
    package static func quantize(_ rounded: FakeQuantizedNetwork) -> QuantizedTCN {
        let network = rounded.folded
        func activation(_ site: FoldedNetwork.Site) -> ActivationQuantization {
            let range = rounded.range(site)
            return ActivationQuantization(scale: range.scale, zeroPoint: Int8(range.zeroPoint))
        }
        func layer(_ layer: FoldedLayer, reading site: FoldedNetwork.Site) -> QuantizedConvolution {
            quantize(layer, inputScale: activation(site).scale)
        }
        let blocks = network.blocks.enumerated().map { index, block in
            QuantizedTCN.Block(
                conv: layer(block.convolution, reading: index == 0 ? .stem : .block(index - 1)),
                pointwise: layer(block.pointwise, reading: .hidden(block: index)),
                convOutput: activation(.hidden(block: index)), pointwiseOutput: activation(.branch(block: index)),
                output: activation(.block(index)))
        }
        return QuantizedTCN(
            input: activation(.input), stem: layer(network.stem, reading: .input), stemOutput: activation(.stem),
            blocks: blocks,
            projection: layer(network.projection, reading: blocks.isEmpty ? .stem : .block(blocks.count - 1)),
            embedding: activation(.embedding))
    }

    private static func quantize(_ layer: FoldedLayer, inputScale: Float) -> QuantizedConvolution {
        let weight = layer.quantizedWeight
        let bias = layer.bias.indices.map { output in
            let steps = Double(layer.bias[output]) / (Double(inputScale) * Double(weight.scales[output]))
            // A channel that is all but dead has a tiny scale; its bias must still leave room for the sums.
            return Int32(max(-1e9, min(1e9, steps.rounded(.toNearestOrEven))))
        }
        return QuantizedConvolution(
            outputs: layer.outputs, inputs: layer.inputs, taps: layer.taps, weight: weight.values,
            weightScale: weight.scales, bias: bias)
    }
}
