internal import SedgeCore

/// An int8 graph with all that belongs to it, checked: a bundle whose family is `graph`; `docs/bundle.md`.
package struct GraphBundle: Sendable, Equatable {
    package let name: String
    package let version: String
    package let graph: QuantizedGraph
    package let preprocessing: BundlePreprocessing
    package let selfTestVectors: SelfTestVectors
    /// Provenance: the text of a JSON object.
    package let training: String
    /// Licence of what the model was trained on.
    package let dataLicence: String
    /// `name@version#checksum`.
    package let fingerprint: String
    /// Of every value.
    let shapes: [QuantizedGraph.Shape]

    /// Puts a bundle together. The self-test's embeddings are computed here with the scalar kernels.
    /// - Parameter selfTestPatches: (steps, in·p), normalised, at least one step.
    package init(
        name: String, version: String, graph: QuantizedGraph, preprocessing: BundlePreprocessing, training: String,
        dataLicence: String, selfTestPatches: [Float]
    ) throws(BundleError) {
        let shapes = try graph.validatedShapes()
        let encoder = GraphEncoder(PackedGraph(graph: graph, shapes: shapes, fingerprint: "", kernels: .scalar))
        let vectors = SelfTestVectors(
            steps: selfTestPatches.count / graph.patchValues, patches: selfTestPatches,
            embeddings: encoder.bytes(ofSteps: selfTestPatches))
        try self.init(
            name: name, version: version, graph: graph, shapes: shapes, preprocessing: preprocessing,
            training: training, dataLicence: dataLicence, selfTestVectors: vectors, fingerprint: nil)
    }

    /// Reads a bundle file and checks everything: what this returns can run.
    package init(bytes: [UInt8]) throws(BundleError) {
        let file = try Safetensors(bytes: bytes)
        try ModelBundle.checkFields(file.metadata)
        try BundleChecksums.verify(file)
        let field = { file.metadata[$0]! }
        let tensors = BundleTensors(file.tensors)
        let graph = try QuantizedGraph(
            architecture: field(TCNArchitecture.field), quantization: field(QuantizedTCN.field), tensors: tensors)
        let vectors = try tensors.selfTestVectors(graph)
        try tensors.refuseUnknown(beside: graph.layers)
        try self.init(
            name: field(BundleFields.name), version: field(BundleFields.version), graph: graph,
            shapes: try graph.validatedShapes(),
            preprocessing: try BundlePreprocessing(text: field(BundlePreprocessing.field)),
            training: field(BundleFields.training), dataLicence: field(BundleFields.dataLicence),
            selfTestVectors: vectors, fingerprint: ModelBundle.fingerprint(of: file))
    }

    private init(
        name: String, version: String, graph: QuantizedGraph, shapes: [QuantizedGraph.Shape],
        preprocessing: BundlePreprocessing, training: String, dataLicence: String, selfTestVectors: SelfTestVectors,
        fingerprint: String?
    ) throws(BundleError) {
        try BundleFields.validate(name: name, version: version, training: training, dataLicence: dataLicence)
        try preprocessing.validate(against: graph)
        try selfTestVectors.validate(against: graph)
        self.name = name
        self.version = version
        self.graph = graph
        self.shapes = shapes
        self.preprocessing = preprocessing
        self.training = training
        self.dataLicence = dataLicence
        self.selfTestVectors = selfTestVectors
        self.fingerprint =
            fingerprint
            ?? ModelBundle.fingerprint(
                of: Self.file(
                    name: name, version: version, graph: graph, preprocessing: preprocessing, training: training,
                    dataLicence: dataLicence, selfTestVectors: selfTestVectors))
    }

    /// The bundle as a file; equal bundles give equal bytes.
    package func serialized() -> [UInt8] {
        Self.file(
            name: name, version: version, graph: graph, preprocessing: preprocessing, training: training,
            dataLicence: dataLicence, selfTestVectors: selfTestVectors
        ).serialized()
    }

    /// All parts with their checksums.
    private static func file(
        name: String, version: String, graph: QuantizedGraph, preprocessing: BundlePreprocessing, training: String,
        dataLicence: String, selfTestVectors: SelfTestVectors
    ) -> Safetensors {
        var file = Safetensors(
            metadata: [
                BundleFields.schemaVersion: "\(ModelBundle.schemaVersion)",
                BundleFields.name: name,
                BundleFields.version: version,
                TCNArchitecture.field: graph.architectureText,
                QuantizedTCN.field: graph.quantizationText,
                BundlePreprocessing.field: preprocessing.text,
                BundleFields.training: training,
                BundleFields.dataLicence: dataLicence,
            ], tensors: [:])
        for (index, node) in graph.nodes.enumerated() {
            guard case .convolution(let convolution) = node.operation else { continue }
            file.add(convolution.layer, name: QuantizedGraph.tensor(index))
        }
        file.add(selfTestVectors, values: graph.patchValues, embedding: graph.embedding)
        BundleChecksums.seal(&file)
        return file
    }

    /// Runs the bundle's own vectors; they must give their bytes.
    package func selfTest(kernels: KernelSet = .scalar) throws(SelfTestError) {
        let bytes = GraphEncoder(bundle: self, kernels: kernels).bytes(ofSteps: selfTestVectors.patches)
        guard let index = bytes.indices.first(where: { bytes[$0] != selfTestVectors.embeddings[$0] }) else { return }
        throw SelfTestError(
            fingerprint: fingerprint, kernel: kernels.name, step: index / graph.embedding,
            index: index % graph.embedding, found: bytes[index], expected: selfTestVectors.embeddings[index])
    }
}

extension GraphEncoder {
    /// The embeddings of consecutive steps of a fresh lane, (steps, E).
    /// - Parameter patches: (steps, in·p); what is left over is not run.
    package func bytes(ofSteps patches: [Float]) -> [Int8] {
        let lane = [addLane()]
        defer { removeLane(lane[0]) }
        let (values, width) = (graph.patchValues, graph.embedding)
        let steps = patches.count / values
        var bytes = [Int8](repeating: 0, count: steps * width)
        var embedding = [Int8](repeating: 0, count: width)
        for step in 0..<steps {
            let patch = Array(patches[step * values..<(step + 1) * values])
            var target = embedding.mutableSpan
            self.step(lanes: lane.span, patches: patch.span, bytes: &target)
            bytes.replaceSubrange(step * width..<(step + 1) * width, with: embedding)
        }
        return bytes
    }
}
