internal import CKernels

/// A network ready to run: packed layers and the constants of the additions. Read-only once built.
final class PackedNetwork {
    struct Block {
        let conv: PackedConvolution
        let pointwise: PackedConvolution
        let addition: sedge_addition
        /// Steps between two taps.
        let dilation: Int
        /// Zero of the block's input: what stands before the first step.
        let inputZeroPoint: Int8
    }

    let architecture: TCNArchitecture
    let kernels: UnsafePointer<sedge_kernels>
    let input: ActivationQuantization
    let inverseInputScale: Float
    let stem: PackedConvolution
    let blocks: [Block]
    let projection: PackedConvolution
    let embedding: ActivationQuantization

    /// The architecture and the network are validated already.
    init(architecture: TCNArchitecture, network: QuantizedTCN, kernels: KernelSet) {
        self.architecture = architecture
        self.kernels = kernels.table
        input = network.input
        inverseInputScale = 1 / network.input.scale
        embedding = network.embedding
        stem = PackedConvolution(
            network.stem, input: network.input, output: network.stemOutput, isRectified: true, kernels: kernels)
        var x = network.stemOutput
        var blocks: [Block] = []
        for (index, block) in network.blocks.enumerated() {
            let (u, v, output) = (block.convOutput, block.pointwiseOutput, block.output)
            blocks.append(
                Block(
                    conv: PackedConvolution(block.conv, input: x, output: u, isRectified: true, kernels: kernels),
                    pointwise: PackedConvolution(
                        block.pointwise, input: u, output: v, isRectified: false, kernels: kernels),
                    addition: sedge_addition(
                        left_multiplier: x.scale / output.scale, right_multiplier: v.scale / output.scale,
                        left_zero_point: Int32(x.zeroPoint), right_zero_point: Int32(v.zeroPoint),
                        zero_point: Int32(output.zeroPoint), low: Int32(output.zeroPoint)),
                    dilation: architecture.dilation(ofBlock: index), inputZeroPoint: x.zeroPoint))
            x = output
        }
        self.blocks = blocks
        projection = PackedConvolution(
            network.projection, input: x, output: network.embedding, isRectified: false, kernels: kernels)
    }

    /// x = relu(x + v), in place.
    func add(_ block: Block, count: Int, x: UnsafeMutablePointer<Int8>, v: UnsafePointer<Int8>) {
        var addition = block.addition
        kernels.pointee.add(&addition, count, x, v, x)
    }

    func quantize(count: Int, values: UnsafePointer<Float>, output: UnsafeMutablePointer<Int8>) {
        kernels.pointee.quantize(inverseInputScale, Int32(input.zeroPoint), count, values, output)
    }

    func dequantize(count: Int, values: UnsafePointer<Int8>, output: UnsafeMutablePointer<Float>) {
        kernels.pointee.dequantize(embedding.scale, Int32(embedding.zeroPoint), count, values, output)
    }
}
