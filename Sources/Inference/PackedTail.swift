internal import CKernels

/// A tail packed for one variant of the kernels. Nothing writes it once it is built: any number of threads may share it.
package final class PackedTail: Sendable {
    package let tail: QuantizedTail
    package let kernels: KernelSet
    nonisolated(unsafe) let block: PackedNetwork.Block
    nonisolated(unsafe) let projection: PackedConvolution
    let embeddingRange: ActivationQuantization
    package let channels: Int
    package let taps: Int
    package let embedding: Int
    private let memory: AlignedMemory

    /// The tail is validated already.
    package init(_ tail: QuantizedTail, kernels: KernelSet) {
        self.tail = tail
        self.kernels = kernels
        var memory = AlignedMemory()
        block = PackedNetwork.Block(tail.block, input: tail.input, kernels: kernels, memory: &memory)
        projection = PackedConvolution(
            tail.projection, input: tail.block.output, output: tail.embedding, isRectified: false, kernels: kernels,
            memory: &memory)
        self.memory = memory
        embeddingRange = tail.embedding
        (channels, taps, embedding) = (tail.projection.inputs, tail.block.conv.taps, tail.projection.outputs)
    }
}
