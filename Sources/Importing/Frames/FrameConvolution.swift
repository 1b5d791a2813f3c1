/// A convolution over time in float32.
package struct FrameConvolution: Sendable, Equatable {
    package var outputs: Int
    /// Channels of the input; a depthwise one has as many outputs.
    package var inputs: Int
    package var taps: Int
    package var dilation = 1
    package var stride = 1
    /// Zero frames before the first and after the last one; negative numbers leave frames out.
    package var before = 0
    package var after = 0
    package var isDepthwise = false
    package var weight: [Float]  // (out, in, tap), or (channel, tap) when depthwise
    package var bias: [Float]  // (out)
    /// Steps that the weights of each output are multiples of, where the model was quantized.
    package var steps: [Float]?

    /// Inputs that one output reads.
    var fanIn: Int { isDepthwise ? 1 : inputs }

    /// Frames that the taps span, the first to the last.
    var span: Int { (taps - 1) * dilation + 1 }

    /// nil when the input is too short for one frame.
    func frames(of input: Int) -> Int? {
        let room = before + input + after - span
        return room < 0 ? nil : room / stride + 1
    }

    /// One tap on each channel: value · scale + shift.
    static func scaling(_ scale: [Float], _ shift: [Float]) -> Self {
        Self(outputs: scale.count, inputs: scale.count, taps: 1, isDepthwise: true, weight: scale, bias: shift)
    }

    /// Only moves frames: pads or crops, with a stride.
    static func movement(channels: Int, before: Int = 0, after: Int = 0, stride: Int = 1) -> Self {
        var result = scaling(Array(repeating: 1, count: channels), Array(repeating: 0, count: channels))
        result.before = before
        result.after = after
        result.stride = stride
        return result
    }

    var isMovement: Bool {
        isDepthwise && taps == 1 && weight.allSatisfy { $0 == 1 } && bias.allSatisfy { $0 == 0 }
    }

    var isScaling: Bool { isDepthwise && taps == 1 && before == 0 && after == 0 && stride == 1 }

    /// Multiplies what output `index` gives, and adds.
    mutating func scaleOutput(_ index: Int, by scale: Float, adding shift: Float) {
        let width = fanIn * taps
        for position in index * width..<(index + 1) * width { weight[position] *= scale }
        bias[index] = bias[index] * scale + shift
        steps?[index] *= scale.magnitude
    }
}
