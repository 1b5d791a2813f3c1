package import SedgeCore

/// The causal dilated encoder in float32, trainable (Bai, Kolter and Koltun, 2018, with the block of `ResidualBlock`).
///
/// Patches (steps · lanes, inputs · patch) → stem (1×1, BN, ReLU) → blocks → projection → embeddings (steps · lanes, embedding).
package struct TemporalConvolutionalNetwork: ParameterGroup, Sendable {
    package let shape: NetworkShape
    package var stem: Pointwise
    package var stemNormalization: BatchNormalization
    package var blocks: [ResidualBlock]
    package var projection: Pointwise
    private var stemOutput: Matrix?

    package init(_ shape: NetworkShape, random: inout SeededRandom) {
        self.shape = shape
        stem = Pointwise("stem", inputs: shape.stemInputs, outputs: shape.channels, bias: false, random: &random)
        stemNormalization = BatchNormalization("stem.norm", channels: shape.channels)
        blocks = []
        for block in 0..<shape.blocks {
            blocks.append(
                ResidualBlock(
                    "blocks.\(block)", channels: shape.channels, taps: shape.taps,
                    dilation: shape.dilation(ofBlock: block), random: &random))
        }
        projection = Pointwise(
            "projection", inputs: shape.channels, outputs: shape.embedding, bias: true, random: &random)
    }

    package mutating func forward(
        _ patches: Matrix, lanes: Int, _ mode: PassMode, using gemm: some MatrixMultiply
    ) -> Matrix {
        precondition(patches.columns == shape.stemInputs && patches.rows % lanes == 0, "patches of the wrong shape")
        var x = stemNormalization.forward(stem.forward(patches, mode, using: gemm), mode)
        FloatKernels.rectify(&x)
        if mode == .training { stemOutput = x }
        for block in blocks.indices { x = blocks[block].forward(x, lanes: lanes, mode, using: gemm) }
        return projection.forward(x, mode, using: gemm)
    }

    /// Adds to every parameter's gradient; the patches' own is not needed.
    package mutating func backward(_ embeddings: Matrix, using gemm: some MatrixMultiply) {
        var gradient = projection.backward(embeddings, using: gemm)
        for block in blocks.indices.reversed() { gradient = blocks[block].backward(gradient, using: gemm) }
        guard let output = stemOutput.take() else {
            preconditionFailure("backward without a forward pass in training mode")
        }
        FloatKernels.rectifyGradient(&gradient, output: output)
        stem.accumulate(stemNormalization.backward(gradient), using: gemm)
    }

    package mutating func forEachParameter(_ body: (inout Parameter) -> Void) {
        stem.forEachParameter(body)
        stemNormalization.forEachParameter(body)
        for block in blocks.indices { blocks[block].forEachParameter(body) }
        projection.forEachParameter(body)
    }

    /// Every batch normalisation in a fixed order, for their running statistics.
    package mutating func forEachNormalization(_ body: (inout BatchNormalization) -> Void) {
        body(&stemNormalization)
        for block in blocks.indices {
            body(&blocks[block].firstNormalization)
            body(&blocks[block].secondNormalization)
        }
    }
}
