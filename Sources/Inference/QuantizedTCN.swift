/// The numbers of an int8 TCN: layers and the quantization of every activation between them.
///
///     x = relu(stem(quantize(patch)))
///     block N:  u = relu(conv(x));  v = pointwise(u);  x = relu(x + v)
///     embedding = projection(x)
package struct QuantizedTCN: Sendable, Equatable {
    /// A residual block.
    package struct Block: Sendable, Equatable {
        package var conv: QuantizedConvolution  // (C, C, kernel), dilated by 2^N
        package var pointwise: QuantizedConvolution  // (C, C, 1)
        /// Of u, after the ReLU.
        package var convOutput: ActivationQuantization
        /// Of v.
        package var pointwiseOutput: ActivationQuantization
        /// Of the new x, after the ReLU.
        package var output: ActivationQuantization

        package init(
            conv: QuantizedConvolution, pointwise: QuantizedConvolution, convOutput: ActivationQuantization,
            pointwiseOutput: ActivationQuantization, output: ActivationQuantization
        ) {
            self.conv = conv
            self.pointwise = pointwise
            self.convOutput = convOutput
            self.pointwiseOutput = pointwiseOutput
            self.output = output
        }
    }

    /// Of the normalised patch.
    package var input: ActivationQuantization
    package var stem: QuantizedConvolution  // (C, in·p, 1)
    /// Of the stem's output, after the ReLU.
    package var stemOutput: ActivationQuantization
    package var blocks: [Block]
    package var projection: QuantizedConvolution  // (E, C, 1)
    /// Of the embedding.
    package var embedding: ActivationQuantization

    package init(
        input: ActivationQuantization, stem: QuantizedConvolution, stemOutput: ActivationQuantization,
        blocks: [Block], projection: QuantizedConvolution, embedding: ActivationQuantization
    ) {
        self.input = input
        self.stem = stem
        self.stemOutput = stemOutput
        self.blocks = blocks
        self.projection = projection
        self.embedding = embedding
    }
}
