/// The tensors of a bundle's file, read by name, type and shape.
struct BundleTensors {
    private let tensors: [String: Safetensors.Tensor]

    init(_ tensors: [String: Safetensors.Tensor]) { self.tensors = tensors }

    func layer(_ shape: BundleLayer) throws(BundleError) -> QuantizedConvolution {
        let outputs = shape.outputs
        return QuantizedConvolution(
            outputs: outputs, inputs: shape.inputs, taps: shape.taps,
            weight: try bytes("\(shape.name).weight", shape: [outputs, shape.inputs, shape.taps]),
            weightScale: try words("\(shape.name).weight_scale", .float32, shape: [outputs]).map(
                Float.init(bitPattern:)),
            bias: try words("\(shape.name).bias", .int32, shape: [outputs]).map(Int32.init(bitPattern:)))
    }

    func selfTestVectors(_ architecture: some EncoderInterface) throws(BundleError) -> SelfTestVectors {
        let steps = try find(SelfTestVectors.patchesTensor).shape.first ?? 0
        return SelfTestVectors(
            steps: steps,
            patches: try words(
                SelfTestVectors.patchesTensor, .float32, shape: [steps, architecture.patchValues]
            ).map(Float.init(bitPattern:)),
            embeddings: try bytes(SelfTestVectors.embeddingsTensor, shape: [steps, architecture.embedding]))
    }

    /// The bundle's knowledge of labels; empty where it has none.
    func labels() throws(BundleError) -> [UInt8] {
        guard let tensor = tensors[Self.labels] else { return [] }
        return Array(try find(Self.labels, .int8, shape: [tensor.bytes.count]))
    }

    static let labels = "labels"

    func refuseUnknown(beside layers: [BundleLayer]) throws(BundleError) {
        var known: Set = [SelfTestVectors.patchesTensor, SelfTestVectors.embeddingsTensor, Self.labels]
        for layer in layers {
            for part in ["weight", "weight_scale", "bias"] { known.insert("\(layer.name).\(part)") }
        }
        for name in tensors.keys.sorted() where !known.contains(name) {
            throw BundleError(.tensor(name), found: "a tensor", expected: "none of this name")
        }
    }

    private func find(_ name: String) throws(BundleError) -> Safetensors.Tensor {
        guard let tensor = tensors[name] else {
            throw BundleError(.tensor(name), found: "nothing", expected: "a tensor")
        }
        return tensor
    }

    private func find(
        _ name: String, _ type: Safetensors.ElementType, shape: [Int]
    ) throws(BundleError) -> ArraySlice<UInt8> {
        let tensor = try find(name)
        guard tensor.type == type, tensor.shape == shape else {
            throw BundleError(
                .tensor(name), found: "\(tensor.type.rawValue) \(tensor.shape)", expected: "\(type.rawValue) \(shape)")
        }
        return tensor.bytes
    }

    private func bytes(_ name: String, shape: [Int]) throws(BundleError) -> [Int8] {
        try find(name, .int8, shape: shape).map(Int8.init(bitPattern:))
    }

    private func words(
        _ name: String, _ type: Safetensors.ElementType, shape: [Int]
    ) throws(BundleError) -> [UInt32] {
        try find(name, type, shape: shape).withUnsafeBytes { bytes in
            (0..<bytes.count / 4).map {
                UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: $0 * 4, as: UInt32.self))
            }
        }
    }
}
