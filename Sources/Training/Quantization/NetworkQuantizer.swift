package import Inference
package import Learning

/// Makes the int8 network of a bundle from a folded float network and what calibration saw.
package enum NetworkQuantizer {
    package static func quantize(_ network: FoldedNetwork, _ calibration: NetworkCalibration) -> QuantizedTCN {
        func activation(_ site: FoldedNetwork.Site) -> ActivationQuantization {
            let range = calibration.range(site)
            return ActivationQuantization(scale: range.scale, zeroPoint: Int8(range.zeroPoint))
        }
        func layer(_ layer: FoldedLayer, reading site: FoldedNetwork.Site) -> QuantizedConvolution {
            quantize(layer, inputScale: activation(site).scale, inputMeans: calibration.means(site))
        }
        var blocks: [QuantizedTCN.Block] = []
        for (index, block) in network.blocks.enumerated() {
            let source: FoldedNetwork.Site = index == 0 ? .stem : .block(index - 1)
            blocks.append(
                .init(
                    conv: layer(block.convolution, reading: source),
                    pointwise: layer(block.pointwise, reading: .hidden(block: index)),
                    convOutput: activation(.hidden(block: index)),
                    pointwiseOutput: activation(.branch(block: index)), output: activation(.block(index))))
        }
        return QuantizedTCN(
            input: activation(.input), stem: layer(network.stem, reading: .input), stemOutput: activation(.stem),
            blocks: blocks, projection: layer(network.projection, reading: .block(network.blocks.count - 1)),
            embedding: activation(.embedding))
    }

    /// One layer. Its bias also takes up what rounding the weights moved the mean output by (Nagel et al., 2019).
    private static func quantize(_ layer: FoldedLayer, inputScale: Float, inputMeans: [Float]) -> QuantizedConvolution {
        let ordered = layer.bundleOrder
        let weight = QuantizedWeight(ordered, outputs: layer.outputs)
        let rounded = weight.dequantized
        let width = layer.inputs * layer.taps
        var bias: [Int32] = []
        for output in 0..<layer.outputs {
            var value = layer.bias[output]
            for index in 0..<width {
                let position = output * width + index
                value += (ordered[position] - rounded[position]) * inputMeans[index / layer.taps]
            }
            let steps = Double(value) / (Double(inputScale) * Double(weight.scales[output]))
            // A channel that is all but dead has a tiny scale; its bias must still leave room for the sums.
            bias.append(Int32(max(-1e9, min(1e9, steps.rounded(.toNearestOrEven)))))
        }
        return QuantizedConvolution(
            outputs: layer.outputs, inputs: layer.inputs, taps: layer.taps, weight: weight.values,
            weightScale: weight.scales, bias: bias)
    }
}
