internal import CKernels

/// A convolution laid out for the kernels, with its requantization. Its memory belongs to the network.
struct PackedConvolution {
    private let layer: UnsafePointer<sedge_convolution>
    private let isDepthwise: Bool
    private let kernels: UnsafePointer<sedge_kernels>

    /// - Parameter isRectified: whether a ReLU follows; it is the lower limit of the output, not a step of its own.
    init(
        _ convolution: QuantizedConvolution, input: ActivationQuantization, output: ActivationQuantization,
        isRectified: Bool, kernels: KernelSet, memory: inout AlignedMemory
    ) {
        self.init(
            convolution, input: input, output: output, low: isRectified ? output.zeroPoint : -128, kernels: kernels,
            memory: &memory)
    }

    /// - Parameters:
    ///   - low: the lowest output.
    ///   - isDepthwise: whether each channel has a filter of its own: then `convolution` has 1 input.
    init(
        _ convolution: QuantizedConvolution, input: ActivationQuantization, output: ActivationQuantization, low: Int8,
        isDepthwise: Bool = false, kernels: KernelSet, memory: inout AlignedMemory
    ) {
        let (outputs, inputs, taps) = (convolution.outputs, convolution.inputs, convolution.taps)
        self.kernels = kernels.table
        self.isDepthwise = isDepthwise
        let table = kernels.table.pointee
        let packed = memory.allocate(
            byteCount: isDepthwise
                ? table.packed_depthwise_size(outputs, taps) : table.packed_size(outputs, inputs, taps))
        if isDepthwise {
            table.pack_depthwise(outputs, taps, convolution.weight, packed)
        } else {
            table.pack(outputs, inputs, taps, convolution.weight, packed)
        }
        let bias = memory.allocate(Int32.self, count: outputs)
        let multiplier = memory.allocate(Float.self, count: outputs)
        for index in 0..<outputs {
            let sums = convolution.sums(ofOutput: index)
            bias[index] = Int32(Int64(convolution.bias[index]) - Int64(input.zeroPoint) * sums.weight)
            multiplier[index] = convolution.multiplier(ofOutput: index, input: input, output: output)
        }
        let layer = memory.allocate(sedge_convolution.self, count: 1)
        layer.initialize(
            to: sedge_convolution(
                outputs: outputs, inputs: inputs, taps: taps, packed: packed, bias: bias, multiplier: multiplier,
                zero_point: Int32(output.zeroPoint), low: Int32(low)))
        self.layer = UnsafePointer(layer)
    }

    /// `frames` (rows, taps) point at frames of `inputs` values, or of `outputs` when depthwise; `output` is
    /// (rows, outputs).
    func run(
        rows: Int, frames: UnsafeMutablePointer<UnsafePointer<Int8>?>, output: UnsafeMutablePointer<Int8>
    ) {
        if isDepthwise {
            kernels.pointee.depthwise(layer, rows, frames, output)
        } else {
            kernels.pointee.convolve(layer, rows, frames, output)
        }
    }
}

extension QuantizedConvolution {
    /// Of one output: the sum of its weights and the sum of their sizes.
    func sums(ofOutput index: Int) -> (weight: Int64, size: Int64) {
        let count = inputs * taps
        return weight.withUnsafeBufferPointer { weight in
            var sums = (weight: Int64(0), size: Int64(0))
            for value in weight[index * count..<(index + 1) * count] {
                sums.weight += Int64(value)
                sums.size += Int64(value.magnitude)
            }
            return sums
        }
    }

    /// What turns the int32 sum of one output into steps of the output: (s_in · s_weight) / s_out, in this order.
    func multiplier(ofOutput index: Int, input: ActivationQuantization, output: ActivationQuantization) -> Float {
        (input.scale * weightScale[index]) / output.scale
    }
}
