/// One block of a `FakeQuantizedNetwork`: Q(x + Q(1×1 · Q(dilated convolution of x))), the outer and the inner Q with
/// a ReLU in them.
struct FakeQuantizedBlock: ParameterGroup, Sendable {
    private let index: Int
    var convolution: FakeQuantizedLayer
    var hidden: FakeQuantizer
    var pointwise: FakeQuantizedLayer
    var branch: FakeQuantizer
    var output: FakeQuantizer
    /// Of the hidden tensor.
    private var gains: ChannelGains?

    init(_ block: FoldedNetwork.Block, index: Int, range: (FoldedNetwork.Site) -> ActivationRange) {
        let name = "blocks.\(index)"
        self.index = index
        convolution = FakeQuantizedLayer("\(name).convolution", block.convolution)
        hidden = FakeQuantizer("\(name).hidden", range(.hidden(block: index)))
        pointwise = FakeQuantizedLayer("\(name).pointwise", block.pointwise)
        branch = FakeQuantizer("\(name).branch", range(.branch(block: index)))
        output = FakeQuantizer("\(name).output", range(.block(index)))
        gains = ChannelGains("\(name).hidden", channels: block.convolution.outputs)
    }

    mutating func forward(
        _ x: Matrix, lanes: Int, stream: ChannelGains?, _ mode: PassMode, using gemm: some MatrixMultiply,
        observe: (FoldedNetwork.Site, Matrix) -> Void
    ) -> Matrix {
        let inner = hidden.forward(
            convolution.forward(x, lanes: lanes, output: gains, input: stream, mode, using: gemm), mode)
        observe(.hidden(block: index), inner)
        var y = branch.forward(
            pointwise.forward(inner, lanes: lanes, output: stream, input: gains, mode, using: gemm), mode)
        observe(.branch(block: index), y)
        y.add(x)
        let result = output.forward(y, mode)
        observe(.block(index), result)
        return result
    }

    mutating func backward(_ dy: Matrix, stream: inout ChannelGains?, using gemm: some MatrixMultiply) -> Matrix {
        let dy = output.backward(dy)
        let inside = hidden.backward(
            pointwise.backward(branch.backward(dy), output: &stream, input: &gains, using: gemm))
        var dx = convolution.backward(inside, output: &gains, input: &stream, using: gemm)
        dx.add(dy)
        return dx
    }

    mutating func forEachParameter(_ body: (inout Parameter) -> Void) {
        gains?.forEachParameter(body)
        convolution.forEachParameter(body)
        hidden.forEachParameter(body)
        pointwise.forEachParameter(body)
        branch.forEachParameter(body)
        output.forEachParameter(body)
    }
}
