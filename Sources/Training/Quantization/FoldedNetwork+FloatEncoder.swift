package import Inference
package import Learning

extension FoldedNetwork {
    /// The network of a float file.
    package init(_ encoder: FloatEncoder) throws(BundleError) {
        let architecture = encoder.architecture
        guard architecture.blocks <= 16 else {
            throw BundleError(
                .field("architecture.blocks"), found: "\(architecture.blocks)", expected: "1...16 to be quantized")
        }
        let shape = NetworkShape(
            patch: architecture.patch, channels: architecture.channels, blocks: architecture.blocks,
            taps: architecture.kernel, embedding: architecture.embedding, inputs: architecture.inputChannels)
        let layers = encoder.layers
        func layer(_ index: Int, taps: Int, inputs: Int, dilation: Int = 1) -> FoldedLayer {
            FoldedLayer(
                bundleOrder: layers[index].weight, taps: taps, inputs: inputs, dilation: dilation,
                bias: layers[index].bias)
        }
        self.init(
            shape: shape, stem: layer(0, taps: 1, inputs: shape.stemInputs),
            blocks: (0..<shape.blocks).map { block in
                Block(
                    convolution: layer(
                        1 + 2 * block, taps: shape.taps, inputs: shape.channels,
                        dilation: shape.dilation(ofBlock: block)),
                    pointwise: layer(2 + 2 * block, taps: 1, inputs: shape.channels))
            }, projection: layer(1 + 2 * shape.blocks, taps: 1, inputs: shape.channels))
    }
}

extension FloatEncoder {
    /// A folded network as a file.
    package init(_ network: FoldedNetwork, preprocessing: BundlePreprocessing) throws(BundleError) {
        let layers = [network.stem] + network.blocks.flatMap { [$0.convolution, $0.pointwise] } + [network.projection]
        try self.init(
            architecture: TCNArchitecture(network.shape), preprocessing: preprocessing,
            layers: layers.map { Layer(weight: $0.bundleOrder, bias: $0.bias) })
    }
}

extension TCNArchitecture {
    /// One input channel: each channel of a stream by itself; more: all of them at once.
    package init(_ shape: NetworkShape) {
        self.init(
            mode: shape.inputs == 1 ? .independent : .joint, inputChannels: shape.inputs, patch: shape.patch,
            channels: shape.channels, blocks: shape.blocks,
            kernel: shape.taps, embedding: shape.embedding)
    }
}
