extension ModelBundle {
    /// The bundle as a file; equal bundles give equal bytes.
    package func serialized() -> [UInt8] {
        Self.file(
            name: name, version: version, architecture: architecture, preprocessing: preprocessing, network: network,
            training: training, dataLicence: dataLicence, selfTestVectors: selfTestVectors, labels: labels
        ).serialized()
    }

    /// All parts with their checksums.
    static func file(
        name: String, version: String, architecture: TCNArchitecture, preprocessing: BundlePreprocessing,
        network: QuantizedTCN, training: String, dataLicence: String, selfTestVectors: SelfTestVectors,
        labels: [UInt8]
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
            file.add(entry.layer, name: shape.name)
        }
        file.add(selfTestVectors, values: architecture.patchValues, embedding: architecture.embedding)
        if !labels.isEmpty {
            file.tensors[BundleTensors.labels] = Safetensors.Tensor(
                type: .int8, shape: [labels.count], bytes: labels[...])
        }
        BundleChecksums.seal(&file)
        return file
    }
}

extension Safetensors {
    /// - Parameter name: the beginning of its tensors' names.
    mutating func add(_ layer: QuantizedConvolution, name: String) {
        tensors["\(name).weight"] = Tensor(layer.weight, shape: [layer.outputs, layer.inputs, layer.taps])
        tensors["\(name).weight_scale"] = Tensor(layer.weightScale, shape: [layer.outputs])
        tensors["\(name).bias"] = Tensor(layer.bias, shape: [layer.outputs])
    }

    mutating func add(_ vectors: SelfTestVectors, values: Int, embedding: Int) {
        tensors[SelfTestVectors.patchesTensor] = Tensor(vectors.patches, shape: [vectors.steps, values])
        tensors[SelfTestVectors.embeddingsTensor] = Tensor(vectors.embeddings, shape: [vectors.steps, embedding])
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
