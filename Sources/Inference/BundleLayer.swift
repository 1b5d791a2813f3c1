/// A layer's name and shape, as the architecture has it.
struct BundleLayer {
    /// The beginning of its tensors' names: `blocks.3.conv`.
    let name: String
    let outputs: Int
    let inputs: Int
    let taps: Int
}

extension TCNArchitecture {
    /// Every layer, in the order in which they run.
    var layers: [BundleLayer] {
        var layers = [BundleLayer(name: "stem", outputs: channels, inputs: patchValues, taps: 1)]
        for index in 0..<blocks {
            layers.append(
                BundleLayer(name: "blocks.\(index).conv", outputs: channels, inputs: channels, taps: kernel))
            layers.append(
                BundleLayer(name: "blocks.\(index).pointwise", outputs: channels, inputs: channels, taps: 1))
        }
        layers.append(BundleLayer(name: "projection", outputs: embedding, inputs: channels, taps: 1))
        return layers
    }
}

extension QuantizedTCN {
    /// Every layer with the quantization of its input and its output, in the order of `TCNArchitecture.layers`.
    var layers: [(layer: QuantizedConvolution, input: ActivationQuantization, output: ActivationQuantization)] {
        var layers = [(stem, input, stemOutput)]
        var x = stemOutput
        for block in blocks {
            layers.append((block.conv, x, block.convOutput))
            layers.append((block.pointwise, block.convOutput, block.pointwiseOutput))
            x = block.output
        }
        layers.append((projection, x, embedding))
        return layers
    }
}
