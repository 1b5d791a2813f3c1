/// The last block and the projection of a folded encoder, rounded as the int8 engine rounds them, over rows that bring
/// the frames under their taps along: what is trained on a gateway.
///
///     u = Q(relu(convolution · frames));  x = Q(relu(last frame + Q(pointwise · u)));  embedding = Q(projection · x)
///
/// A dilated convolution over frames that lie side by side is one product, and what comes before the block is frozen:
/// rows need no order, and no gradient leaves them.
package struct TailNetwork: ParameterGroup, Sendable {
    private var convolution: FakeQuantizedLayer  // k·C → C
    private var hidden: FakeQuantizer
    private var pointwise: FakeQuantizedLayer  // C → C
    private var branch: FakeQuantizer
    private var output: FakeQuantizer
    private var projection: FakeQuantizedLayer  // C → E
    private var embedding: FakeQuantizer

    /// The layers, folded; each has one tap.
    package struct Layers: Sendable {
        package var convolution: FoldedLayer  // k·C → C, the newest frame last
        package var pointwise: FoldedLayer
        package var projection: FoldedLayer

        package init(convolution: FoldedLayer, pointwise: FoldedLayer, projection: FoldedLayer) {
            self.convolution = convolution
            self.pointwise = pointwise
            self.projection = projection
        }
    }

    /// The int8 range of each tensor on the way.
    package struct Ranges: Sendable {
        package var hidden: ActivationRange
        package var branch: ActivationRange
        package var output: ActivationRange
        package var embedding: ActivationRange

        package init(
            hidden: ActivationRange, branch: ActivationRange, output: ActivationRange, embedding: ActivationRange
        ) {
            self.hidden = hidden
            self.branch = branch
            self.output = output
            self.embedding = embedding
        }
    }

    /// - Parameter origin: the ranges from which learned scales count; nil: these.
    package init(_ layers: Layers, ranges: Ranges, from origin: Ranges? = nil) {
        convolution = FakeQuantizedLayer("tail.convolution", layers.convolution)
        pointwise = FakeQuantizedLayer("tail.pointwise", layers.pointwise)
        projection = FakeQuantizedLayer("tail.projection", layers.projection)
        hidden = FakeQuantizer("tail.hidden", ranges.hidden, from: origin?.hidden)
        branch = FakeQuantizer("tail.branch", ranges.branch, from: origin?.branch)
        output = FakeQuantizer("tail.output", ranges.output, from: origin?.output)
        embedding = FakeQuantizer("tail.embedding", ranges.embedding, from: origin?.embedding)
    }

    /// False keeps weights and activations in float: to check gradients.
    package mutating func round(_ rounds: Bool) {
        (convolution.rounds, pointwise.rounds, projection.rounds) = (rounds, rounds, rounds)
        (hidden.rounds, branch.rounds, output.rounds, embedding.rounds) = (rounds, rounds, rounds, rounds)
    }

    /// Frames (rows, k·C), oldest first → embeddings (rows, E).
    package mutating func forward(_ frames: Matrix, _ mode: PassMode, using gemm: some MatrixMultiply) -> Matrix {
        let u = hidden.forward(Self.run(&convolution, frames, mode, using: gemm), mode)
        var sum = branch.forward(Self.run(&pointwise, u, mode, using: gemm), mode)
        Self.addLastFrame(of: frames, to: &sum)
        let x = output.forward(sum, mode)
        return embedding.forward(Self.run(&projection, x, mode, using: gemm), mode)
    }

    /// Adds to every parameter's gradient.
    package mutating func backward(_ dy: Matrix, using gemm: some MatrixMultiply) {
        var output: ChannelGains?
        var input: ChannelGains?
        let dx = self.output.backward(
            projection.backward(embedding.backward(dy), output: &output, input: &input, using: gemm))
        let du = hidden.backward(
            pointwise.backward(branch.backward(dx), output: &output, input: &input, using: gemm))
        _ = convolution.backward(du, output: &output, input: &input, using: gemm)
    }

    package mutating func forEachParameter(_ body: (inout Parameter) -> Void) {
        convolution.forEachParameter(body)
        hidden.forEachParameter(body)
        pointwise.forEachParameter(body)
        branch.forEachParameter(body)
        output.forEachParameter(body)
        projection.forEachParameter(body)
        embedding.forEachParameter(body)
    }

    package var layers: Layers {
        Layers(convolution: convolution.folded, pointwise: pointwise.folded, projection: projection.folded)
    }

    package var ranges: Ranges {
        Ranges(hidden: hidden.range, branch: branch.range, output: output.range, embedding: embedding.range)
    }

    private static func run(
        _ layer: inout FakeQuantizedLayer, _ x: Matrix, _ mode: PassMode, using gemm: some MatrixMultiply
    ) -> Matrix { layer.forward(x, lanes: x.rows, output: nil, input: nil, mode, using: gemm) }

    private static func addLastFrame(of frames: Matrix, to sum: inout Matrix) {
        let (rows, channels, width) = (sum.rows, sum.columns, frames.columns)
        sum.withUnsafeMutablePointer { sum in
            frames.withUnsafePointer { frames in
                for row in 0..<rows {
                    let last = frames + (row + 1) * width - channels
                    for channel in 0..<channels { sum[row * channels + channel] += last[channel] }
                }
            }
        }
    }
}
