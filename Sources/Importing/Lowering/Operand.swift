import Inference

/// What a name stands for while a model is lowered.
enum Operand {
    case constant(Tensor)
    case frames(FrameOperand)
}

/// A value that depends on the input.
struct FrameOperand {
    /// In the frame graph.
    var value: Int
    var layout: AxisLayout
    /// Between QuantizeLinear and DequantizeLinear: integers of this scale.
    var integers: ActivationQuantization?
}
