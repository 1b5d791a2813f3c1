/// A float32 encoder as a safetensors file: what `sedge quantize` reads and any trainer can write; `docs/bundle.md`.
///
/// The tensors and names are a bundle's, in F32 and with batch norm folded: weights (out, in, tap), biases (out).
package struct FloatEncoder: Sendable, Equatable {
    package struct Layer: Sendable, Equatable {
        package var weight: [Float]  // (out, in, tap)
        package var bias: [Float]  // (out)

        package init(weight: [Float], bias: [Float]) {
            self.weight = weight
            self.bias = bias
        }
    }

    package let architecture: TCNArchitecture
    /// What it expects of its input; nil: what a bundle is made with when nothing is said.
    package let preprocessing: BundlePreprocessing?
    /// Stem, then convolution and pointwise layer of each block, then projection.
    package let layers: [Layer]

    package init(
        architecture: TCNArchitecture, preprocessing: BundlePreprocessing?, layers: [Layer]
    ) throws(BundleError) {
        try architecture.validate()
        try preprocessing?.validate(against: architecture)
        for (shape, layer) in zip(architecture.layers, layers) {
            for (part, values) in [("weight", layer.weight), ("bias", layer.bias)] {
                guard let index = values.firstIndex(where: { !$0.isFinite }) else { continue }
                throw BundleError(
                    .tensor("\(shape.name).\(part)"), found: "\(values[index]) at \(index)", expected: "finite numbers")
            }
        }
        self.architecture = architecture
        self.preprocessing = preprocessing
        self.layers = layers
    }

    package init(bytes: [UInt8]) throws(BundleError) {
        let file = try Safetensors(bytes: bytes)
        guard let text = file.metadata[TCNArchitecture.field] else {
            throw BundleError(.field(TCNArchitecture.field), found: "nothing", expected: "text")
        }
        let architecture = try TCNArchitecture(text: text)
        var layers: [Layer] = []
        for shape in architecture.layers {
            layers.append(
                Layer(
                    weight: try file.floats("\(shape.name).weight", shape: [shape.outputs, shape.inputs, shape.taps]),
                    bias: try file.floats("\(shape.name).bias", shape: [shape.outputs])))
        }
        var preprocessing: BundlePreprocessing?
        if let text = file.metadata[BundlePreprocessing.field] { preprocessing = try BundlePreprocessing(text: text) }
        try self.init(architecture: architecture, preprocessing: preprocessing, layers: layers)
    }

    package func serialized() -> [UInt8] {
        var file = Safetensors(metadata: [TCNArchitecture.field: architecture.text], tensors: [:])
        if let preprocessing { file.metadata[BundlePreprocessing.field] = preprocessing.text }
        for (shape, layer) in zip(architecture.layers, layers) {
            file.tensors["\(shape.name).weight"] = Safetensors.Tensor(
                layer.weight, shape: [shape.outputs, shape.inputs, shape.taps])
            file.tensors["\(shape.name).bias"] = Safetensors.Tensor(layer.bias, shape: [shape.outputs])
        }
        return file.serialized()
    }
}

extension Safetensors {
    fileprivate func floats(_ name: String, shape: [Int]) throws(BundleError) -> [Float] {
        guard let tensor = tensors[name] else {
            throw BundleError(.tensor(name), found: "nothing", expected: "a tensor")
        }
        guard tensor.type == .float32, tensor.shape == shape else {
            throw BundleError(
                .tensor(name), found: "\(tensor.type.rawValue) \(tensor.shape)", expected: "F32 \(shape)")
        }
        return tensor.bytes.withUnsafeBytes { bytes in
            (0..<bytes.count / 4).map {
                Float(bitPattern: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: $0 * 4, as: UInt32.self)))
            }
        }
    }
}
