/// The encoder with every batch normalisation folded into the layer before it: what quantization starts from, and
/// the float32 reference that the int8 bundle is compared with.
package struct FoldedNetwork: Sendable {
    package let shape: NetworkShape
    package var stem: FoldedLayer
    package var blocks: [Block]
    package var projection: FoldedLayer

    package struct Block: Sendable {
        package var convolution: FoldedLayer
        package var pointwise: FoldedLayer

        package init(convolution: FoldedLayer, pointwise: FoldedLayer) {
            self.convolution = convolution
            self.pointwise = pointwise
        }
    }

    /// Where in the network a value is seen; the int8 graph has a range for each.
    package enum Site: Hashable, Sendable {
        case input
        case stem
        /// After the ReLU of a block's convolution.
        case hidden(block: Int)
        /// A block's 1×1 output, before the residual is added.
        case branch(block: Int)
        /// A block's output.
        case block(Int)
        case embedding
    }

    /// A network whose layers came folded.
    package init(shape: NetworkShape, stem: FoldedLayer, blocks: [Block], projection: FoldedLayer) {
        self.shape = shape
        self.stem = stem
        self.blocks = blocks
        self.projection = projection
    }

    package init(_ network: TemporalConvolutionalNetwork) {
        shape = network.shape
        stem = FoldedLayer(network.stem, network.stemNormalization)
        blocks = network.blocks.map {
            Block(
                convolution: FoldedLayer($0.convolution, $0.firstNormalization),
                pointwise: FoldedLayer($0.pointwise, $0.secondNormalization))
        }
        projection = FoldedLayer(
            taps: 1, outputs: shape.embedding, inputs: shape.channels, dilation: 1,
            weight: network.projection.weight.value, bias: network.projection.bias!.value)
    }

    /// Patches (steps · lanes, patch) → embeddings (steps · lanes, embedding), showing every value on its way.
    package func forward(
        _ patches: Matrix, lanes: Int, using gemm: some MatrixMultiply, observe: (Site, Matrix) -> Void = { _, _ in }
    ) -> Matrix {
        observe(.input, patches)
        var x = stem.forward(patches, lanes: lanes, using: gemm)
        FloatKernels.rectify(&x)
        observe(.stem, x)
        for (index, block) in blocks.enumerated() {
            var hidden = block.convolution.forward(x, lanes: lanes, using: gemm)
            FloatKernels.rectify(&hidden)
            observe(.hidden(block: index), hidden)
            var y = block.pointwise.forward(hidden, lanes: lanes, using: gemm)
            observe(.branch(block: index), y)
            y.add(x)
            FloatKernels.rectify(&y)
            observe(.block(index), y)
            x = y
        }
        let embeddings = projection.forward(x, lanes: lanes, using: gemm)
        observe(.embedding, embeddings)
        return embeddings
    }
}
