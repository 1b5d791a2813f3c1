extension ModelBundle {
    /// Reads a bundle file and checks everything: what this returns can run.
    package init(bytes: [UInt8]) throws(BundleError) {
        let file = try Safetensors(bytes: bytes)
        try Self.checkFields(file.metadata)
        try BundleChecksums.verify(file)
        let field = { file.metadata[$0]! }
        let architecture = try TCNArchitecture(text: field(TCNArchitecture.field))
        let tensors = BundleTensors(file.tensors)
        var layers: [QuantizedConvolution] = []
        for shape in architecture.layers { layers.append(try tensors.layer(shape)) }
        let network = try QuantizedTCN(
            architecture: architecture, layers: layers, activationsText: field(QuantizedTCN.field))
        try network.validate(against: architecture)
        let vectors = try tensors.selfTestVectors(architecture)
        try tensors.refuseUnknown(beside: architecture.layers)
        try self.init(
            name: field(BundleFields.name), version: field(BundleFields.version), architecture: architecture,
            preprocessing: try BundlePreprocessing(text: field(BundlePreprocessing.field)), network: network,
            training: field(BundleFields.training), dataLicence: field(BundleFields.dataLicence),
            selfTestVectors: vectors, labels: try tensors.labels(), fingerprint: Self.fingerprint(of: file))
    }

    /// The schema version comes first: what else a bundle of another version holds can not be judged.
    static func checkFields(_ metadata: [String: String]) throws(BundleError) {
        let version = metadata[BundleFields.schemaVersion]
        guard version == "\(schemaVersion)" else {
            throw BundleError(
                .field(BundleFields.schemaVersion), found: version.map { "\"\($0.prefix(20))\"" } ?? "nothing",
                expected: "\"\(schemaVersion)\"")
        }
        for field in BundleFields.all where metadata[field] == nil {
            throw BundleError(.field(field), found: "nothing", expected: "text")
        }
        for field in metadata.keys.sorted() where !BundleFields.all.contains(field) {
            throw BundleError(
                .field(String(field.prefix(60))), found: "an unknown field",
                expected: BundleFields.all.joined(separator: ", "))
        }
    }
}
