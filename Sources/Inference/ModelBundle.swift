/// An int8 encoder with all that belongs to it, checked: what one bundle file holds. The format is `docs/bundle.md`.
package struct ModelBundle: Sendable, Equatable {
    package static let schemaVersion = 1

    package let name: String
    package let version: String
    package let architecture: TCNArchitecture
    package let preprocessing: BundlePreprocessing
    package let network: QuantizedTCN
    package let selfTestVectors: SelfTestVectors
    /// Provenance: the text of a JSON object.
    package let training: String
    /// Licence of the training data.
    package let dataLicence: String
    /// What it knows of labels, as the learners write it (`LabelStatistics`); empty where it knows none.
    package let labels: [UInt8]
    /// `name@version#checksum`: `model` in payloads and in saved encoder state. Differs when anything in the bundle
    /// does.
    package let fingerprint: String

    /// Puts a bundle together. The self-test's embeddings are computed here with the scalar kernels.
    /// - Parameter selfTestPatches: (steps, in·p), normalised, at least one step.
    package init(
        name: String, version: String, architecture: TCNArchitecture, preprocessing: BundlePreprocessing,
        network: QuantizedTCN, training: String, dataLicence: String, selfTestPatches: [Float], labels: [UInt8] = []
    ) throws(BundleError) {
        try architecture.validate()
        try network.validate(against: architecture)
        let values = architecture.patchValues
        let steps = selfTestPatches.count / values
        let whole = selfTestPatches.prefix(steps * values)
        let encoder = WindowEncoder(
            PackedNetwork(architecture: architecture, network: network, fingerprint: "", kernels: .scalar))
        let vectors = SelfTestVectors(
            steps: steps, patches: selfTestPatches, embeddings: encoder.embedBytes(window: Array(whole).span))
        try self.init(
            name: name, version: version, architecture: architecture, preprocessing: preprocessing, network: network,
            training: training, dataLicence: dataLicence, selfTestVectors: vectors, labels: labels, fingerprint: nil)
    }

    /// The one place where a bundle comes to be. Architecture and network are validated already.
    /// - Parameter fingerprint: as the file has it; nil computes it.
    init(
        name: String, version: String, architecture: TCNArchitecture, preprocessing: BundlePreprocessing,
        network: QuantizedTCN, training: String, dataLicence: String, selfTestVectors: SelfTestVectors,
        labels: [UInt8], fingerprint: String?
    ) throws(BundleError) {
        try BundleFields.validate(name: name, version: version, training: training, dataLicence: dataLicence)
        try preprocessing.validate(against: architecture)
        try selfTestVectors.validate(against: architecture)
        self.name = name
        self.version = version
        self.architecture = architecture
        self.preprocessing = preprocessing
        self.network = network
        self.training = training
        self.dataLicence = dataLicence
        self.selfTestVectors = selfTestVectors
        self.labels = labels
        self.fingerprint =
            fingerprint
            ?? Self.fingerprint(
                of: Self.file(
                    name: name, version: version, architecture: architecture, preprocessing: preprocessing,
                    network: network, training: training, dataLicence: dataLicence, selfTestVectors: selfTestVectors,
                    labels: labels))
    }

    /// The same encoder with other knowledge of labels.
    package func with(labels: [UInt8]) throws(BundleError) -> ModelBundle {
        try ModelBundle(
            name: name, version: version, architecture: architecture, preprocessing: preprocessing, network: network,
            training: training, dataLicence: dataLicence, selfTestVectors: selfTestVectors, labels: labels,
            fingerprint: nil)
    }

    /// - Parameter file: sealed with its checksums.
    static func fingerprint(of file: Safetensors) -> String {
        let field = { file.metadata[$0]! }
        return "\(field(BundleFields.name))@\(field(BundleFields.version))#\(field(BundleFields.checksumsCRC32))"
    }
}
