/// The folded encoder with everything rounded as the int8 engine rounds it: for measuring what rounding costs, and for
/// fine-tuning until it costs less (quantization-aware training; Jacob et al., 2018).
package struct FakeQuantizedNetwork: ParameterGroup, Sendable {
    package let shape: NetworkShape
    private var input: FakeQuantizer
    private var stem: FakeQuantizedLayer
    private var stemOutput: FakeQuantizer
    private var blocks: [FakeQuantizedBlock]
    private var projection: FakeQuantizedLayer
    private var embedding: FakeQuantizer
    /// Of the residual stream: one for all blocks, since a sum needs its operands in the same unit.
    private var stream: ChannelGains?

    package init(_ network: FoldedNetwork, range: (FoldedNetwork.Site) -> ActivationRange) {
        shape = network.shape
        input = FakeQuantizer("input", range(.input))
        stem = FakeQuantizedLayer("stem", network.stem)
        stemOutput = FakeQuantizer("stem.output", range(.stem))
        blocks = network.blocks.enumerated().map { FakeQuantizedBlock($1, index: $0, range: range) }
        projection = FakeQuantizedLayer("projection", network.projection)
        embedding = FakeQuantizer("embedding", range(.embedding))
        stream = ChannelGains("stream", channels: network.shape.channels)
    }

    /// Takes into the biases what rounding the weights moves the layers' mean outputs by.
    /// - Parameter means: of each channel at a site, as the float network has them.
    package mutating func correctBiases(means: (FoldedNetwork.Site) -> [Float]) {
        stem.correctBias(inputMeans: means(.input))
        for index in blocks.indices {
            blocks[index].convolution.correctBias(inputMeans: means(index == 0 ? .stem : .block(index - 1)))
            blocks[index].pointwise.correctBias(inputMeans: means(.hidden(block: index)))
        }
        projection.correctBias(inputMeans: means(blocks.isEmpty ? .stem : .block(blocks.count - 1)))
    }

    /// Patches (steps · lanes, patch) → embeddings (steps · lanes, embedding), showing every value on its way.
    package mutating func forward(
        _ patches: Matrix, lanes: Int, _ mode: PassMode, using gemm: some MatrixMultiply,
        observe: (FoldedNetwork.Site, Matrix) -> Void = { _, _ in }
    ) -> Matrix {
        let frames = input.forward(patches, mode)
        observe(.input, frames)
        var x = stemOutput.forward(
            stem.forward(frames, lanes: lanes, output: stream, input: nil, mode, using: gemm), mode)
        observe(.stem, x)
        for index in blocks.indices {
            x = blocks[index].forward(x, lanes: lanes, stream: stream, mode, using: gemm, observe: observe)
        }
        let embeddings = embedding.forward(
            projection.forward(x, lanes: lanes, output: nil, input: stream, mode, using: gemm), mode)
        observe(.embedding, embeddings)
        return embeddings
    }

    /// Adds to every parameter's gradient; the patches' own is not needed.
    package mutating func backward(_ dy: Matrix, using gemm: some MatrixMultiply) {
        var none: ChannelGains?
        var gradient = projection.backward(embedding.backward(dy), output: &none, input: &stream, using: gemm)
        for index in blocks.indices.reversed() {
            gradient = blocks[index].backward(gradient, stream: &stream, using: gemm)
        }
        _ = input.backward(stem.backward(stemOutput.backward(gradient), output: &stream, input: &none, using: gemm))
    }

    package mutating func forEachParameter(_ body: (inout Parameter) -> Void) {
        stream?.forEachParameter(body)
        input.forEachParameter(body)
        stem.forEachParameter(body)
        stemOutput.forEachParameter(body)
        for index in blocks.indices { blocks[index].forEachParameter(body) }
        projection.forEachParameter(body)
        embedding.forEachParameter(body)
    }

    /// Every site in the order in which values flow.
    package static func sites(_ shape: NetworkShape) -> [FoldedNetwork.Site] {
        [.input, .stem]
            + (0..<shape.blocks).flatMap {
                [.hidden(block: $0), .branch(block: $0), .block($0)] as [FoldedNetwork.Site]
            }
            + [.embedding]
    }

    /// The float network behind it, with what was learned: gains are in the weights.
    package var folded: FoldedNetwork {
        FoldedNetwork(
            shape: shape, stem: stem.folded,
            blocks: blocks.map { .init(convolution: $0.convolution.folded, pointwise: $0.pointwise.folded) },
            projection: projection.folded)
    }

    package func range(_ site: FoldedNetwork.Site) -> ActivationRange {
        switch site {
        case .input: input.range
        case .stem: stemOutput.range
        case .hidden(let block): blocks[block].hidden.range
        case .branch(let block): blocks[block].branch.range
        case .block(let block): blocks[block].output.range
        case .embedding: embedding.range
        }
    }

    /// Rounds the activations of the sites that `isRounded` names, and the weights or not: to see what each costs.
    package mutating func round(weights: Bool, _ isRounded: (FoldedNetwork.Site) -> Bool) {
        input.rounds = isRounded(.input)
        stemOutput.rounds = isRounded(.stem)
        embedding.rounds = isRounded(.embedding)
        stem.rounds = weights
        projection.rounds = weights
        for index in blocks.indices {
            blocks[index].convolution.rounds = weights
            blocks[index].pointwise.rounds = weights
            blocks[index].hidden.rounds = isRounded(.hidden(block: index))
            blocks[index].branch.rounds = isRounded(.branch(block: index))
            blocks[index].output.rounds = isRounded(.block(index))
        }
    }
}
