extension ModelBundle {
    /// The bundle as a file; equal bundles give equal bytes.
    package func serialized() -> [UInt8] {
        Self.file(
            name: name, version: version, architecture: architecture, preprocessing: preprocessing, network: network,
            training: training, dataLicence: dataLicence, selfTestVectors: selfTestVectors
        ).serialized()
    }

    /// All parts with their checksums.
    static func file(
        name: String, version: String, architecture: TCNArchitecture, preprocessing: BundlePreprocessing,
        network: QuantizedTCN, training: String, dataLicence: String, selfTestVectors: SelfTestVectors
    ) -> Safetensors {
        var file = Safetensors(
            metadata: [
                BundleFields.schemaVersion: "\(schemaVersion)",
                BundleFields.name: name,
                BundleFields.version: version,
                TCNArchitecture.field: architecture.text,
                QuantizedTCN.field: network.activationsText,
                BundlePreprocessing.field: preprocessing.text,
                BundleFields.training: training,
                BundleFields.dataLicence: dataLicence,
            ], tensors: [:])
        for (shape, entry) in zip(architecture.layers, network.layers) {
            let (outputs, inputs, taps) = (shape.outputs, shape.inputs, shape.taps)
            file.tensors["\(shape.name).weight"] = Safetensors.Tensor(
                entry.layer.weight, shape: [outputs, inputs, taps])
            file.tensors["\(shape.name).weight_scale"] = Safetensors.Tensor(entry.layer.weightScale, shape: [outputs])
            file.tensors["\(shape.name).bias"] = Safetensors.Tensor(entry.layer.bias, shape: [outputs])
        }
        file.tensors[SelfTestVectors.patchesTensor] = Safetensors.Tensor(
            selfTestVectors.patches, shape: [selfTestVectors.steps, architecture.patchValues])
        file.tensors[SelfTestVectors.embeddingsTensor] = Safetensors.Tensor(
            selfTestVectors.embeddings, shape: [selfTestVectors.steps, architecture.embedding])
        BundleChecksums.seal(&file)
        return file
    }
}

extension Safetensors.Tensor {
    init(_ values: [Int8], shape: [Int]) {
        self.init(type: .int8, shape: shape, bytes: values.map(UInt8.init(bitPattern:))[...])
    }

    init(_ values: [Float], shape: [Int]) {
        self.init(type: .float32, shape: shape, bytes: Self.bytes(values.map(\.bitPattern)))
    }

    init(_ values: [Int32], shape: [Int]) {
        self.init(type: .int32, shape: shape, bytes: Self.bytes(values.map(UInt32.init(bitPattern:))))
    }

    private static func bytes(_ words: [UInt32]) -> ArraySlice<UInt8> {
        words.map(\.littleEndian).withUnsafeBytes { Array($0) }[...]
    }
}
