/// The ONNX operators that a model may have. The second part only ever meets constants: exporters compute shapes with
/// them.
enum ModelOperator: String, CaseIterable {
    case add = "Add"
    case batchNormalization = "BatchNormalization"
    case clip = "Clip"
    case concat = "Concat"
    case conv = "Conv"
    case dequantizeLinear = "DequantizeLinear"
    case div = "Div"
    case dropout = "Dropout"
    case flatten = "Flatten"
    case gather = "Gather"
    case gemm = "Gemm"
    case globalAveragePool = "GlobalAveragePool"
    case identity = "Identity"
    case matMul = "MatMul"
    case mul = "Mul"
    case pad = "Pad"
    case quantizeLinear = "QuantizeLinear"
    case reduceMean = "ReduceMean"
    case relu = "Relu"
    case reshape = "Reshape"
    case slice = "Slice"
    case squeeze = "Squeeze"
    case sub = "Sub"
    case transpose = "Transpose"
    case unsqueeze = "Unsqueeze"

    case cast = "Cast"
    case constant = "Constant"
    case constantOfShape = "ConstantOfShape"
    case shape = "Shape"

    static let supported = allCases.map(\.rawValue).joined(separator: ", ")
}
