internal import CKernels

/// A network packed for one variant of the kernels. Nothing writes it once it is built: any number of encoders and
/// threads may share one.
package final class PackedNetwork: Sendable {
    struct Block {
        let conv: PackedConvolution
        let pointwise: PackedConvolution
        let addition: UnsafePointer<sedge_addition>
        /// Zero of the block's input: what stands before the first step.
        let inputZeroPoint: Int8

        init(
            _ block: QuantizedTCN.Block, input x: ActivationQuantization, kernels: KernelSet,
            memory: inout AlignedMemory
        ) {
            let (u, v, output) = (block.convOutput, block.pointwiseOutput, block.output)
            let addition = memory.allocate(sedge_addition.self, count: 1)
            addition.initialize(
                to: sedge_addition(
                    left_multiplier: x.scale / output.scale, right_multiplier: v.scale / output.scale,
                    left_zero_point: Int32(x.zeroPoint), right_zero_point: Int32(v.zeroPoint),
                    zero_point: Int32(output.zeroPoint), low: Int32(output.zeroPoint)))
            conv = PackedConvolution(
                block.conv, input: x, output: u, isRectified: true, kernels: kernels, memory: &memory)
            pointwise = PackedConvolution(
                block.pointwise, input: u, output: v, isRectified: false, kernels: kernels, memory: &memory)
            self.addition = UnsafePointer(addition)
            inputZeroPoint = x.zeroPoint
        }
    }

    package let architecture: TCNArchitecture
    /// The bundle's.
    package let fingerprint: String
    package let kernels: KernelSet
    nonisolated(unsafe) let stem: PackedConvolution
    nonisolated(unsafe) let blocks: [Block]
    nonisolated(unsafe) let projection: PackedConvolution
    let embedding: ActivationQuantization
    private let input: ActivationQuantization
    private let inverseInputScale: Float
    private let memory: AlignedMemory

    package convenience init(bundle: ModelBundle, kernels: KernelSet) {
        self.init(
            architecture: bundle.architecture, network: bundle.network, fingerprint: bundle.fingerprint,
            kernels: kernels)
    }

    /// The architecture and the network are validated already.
    init(architecture: TCNArchitecture, network: QuantizedTCN, fingerprint: String, kernels: KernelSet) {
        self.architecture = architecture
        self.fingerprint = fingerprint
        self.kernels = kernels
        input = network.input
        inverseInputScale = 1 / network.input.scale
        embedding = network.embedding
        var memory = AlignedMemory()
        stem = PackedConvolution(
            network.stem, input: network.input, output: network.stemOutput, isRectified: true, kernels: kernels,
            memory: &memory)
        var x = network.stemOutput
        var blocks: [Block] = []
        for block in network.blocks {
            blocks.append(Block(block, input: x, kernels: kernels, memory: &memory))
            x = block.output
        }
        self.blocks = blocks
        projection = PackedConvolution(
            network.projection, input: x, output: network.embedding, isRectified: false, kernels: kernels,
            memory: &memory)
        self.memory = memory
    }

    /// x = relu(x + v), in place.
    func add(_ block: Block, count: Int, x: UnsafeMutablePointer<Int8>, v: UnsafePointer<Int8>) {
        kernels.table.pointee.add(block.addition, count, x, v, x)
    }

    func quantize(count: Int, values: UnsafePointer<Float>, output: UnsafeMutablePointer<Int8>) {
        kernels.table.pointee.quantize(inverseInputScale, Int32(input.zeroPoint), count, values, output)
    }

    func dequantize(count: Int, values: UnsafePointer<Int8>, output: UnsafeMutablePointer<Float>) {
        kernels.table.pointee.dequantize(embedding.scale, Int32(embedding.zeroPoint), count, values, output)
    }
}
