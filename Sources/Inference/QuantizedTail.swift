/// The end of an int8 TCN: its last block and the projection, the part that a gateway may train anew.
///
/// A row of it is all that it reads: the frames under the taps of the block's dilated convolution, oldest first. So it
/// needs no past of its own, and one tail can take another's place between two steps.
package struct QuantizedTail: Sendable, Equatable {
    /// Of the frames it reads.
    package let input: ActivationQuantization
    package var block: QuantizedTCN.Block
    package var projection: QuantizedConvolution  // (E, C, 1)
    /// Of the embedding.
    package var embedding: ActivationQuantization

    package init(
        input: ActivationQuantization, block: QuantizedTCN.Block, projection: QuantizedConvolution,
        embedding: ActivationQuantization
    ) {
        self.input = input
        self.block = block
        self.projection = projection
        self.embedding = embedding
    }
}

extension QuantizedTCN {
    /// Its last block and projection.
    package var tail: QuantizedTail {
        precondition(!blocks.isEmpty, "an encoder without blocks has no tail")
        return QuantizedTail(
            input: blocks.count == 1 ? stemOutput : blocks[blocks.count - 2].output, block: blocks[blocks.count - 1],
            projection: projection, embedding: embedding)
    }

    /// The network with another tail.
    /// - Throws: where the tail reads frames of another scale, or is not one that the kernels can compute with.
    package func replacing(
        tail: QuantizedTail, in architecture: TCNArchitecture
    ) throws(BundleError) -> QuantizedTCN {
        let own = self.tail.input
        guard tail.input == own else {
            throw BundleError(
                .field("\(Self.field).tail.input"), found: "\(tail.input.scale), \(tail.input.zeroPoint)",
                expected: "\(own.scale), \(own.zeroPoint)")
        }
        var network = self
        network.blocks[blocks.count - 1] = tail.block
        network.projection = tail.projection
        network.embedding = tail.embedding
        try network.validate(against: architecture)
        return network
    }
}

extension QuantizedTail {
    /// Whether the kernels can compute with every number: shapes, scales, and sums that fit 32 bits.
    package func isComputable(in architecture: TCNArchitecture) -> Bool {
        let shapes = architecture.layers.suffix(3)
        let (u, x) = (block.convOutput, block.output)
        let parts = [(block.conv, input, u), (block.pointwise, u, block.pointwiseOutput), (projection, x, embedding)]
        for range in [input, u, block.pointwiseOutput, x, embedding]
        where !QuantizedTCN.scaleRange.contains(range.scale) { return false }
        for (shape, part) in zip(shapes, parts) {
            guard (try? part.0.validate(against: shape)) != nil,
                (try? part.0.validateSums(name: shape.name, input: part.1, output: part.2)) != nil
            else { return false }
        }
        return [input, block.pointwiseOutput].allSatisfy { QuantizedTCN.scaleRange.contains($0.scale / x.scale) }
    }
}

extension TCNArchitecture {
    /// Bytes that the tail reads of one step: k frames of C.
    package var tapBytes: Int { kernel * channels }
}
