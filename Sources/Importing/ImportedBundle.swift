package import Inference

/// What an import ends with: the engine's own TCN where the model is one, else a graph.
package enum ImportedBundle: Sendable {
    case tcn(ModelBundle)
    case graph(GraphBundle)

    /// What is written into a bundle beside the network.
    package struct Description: Sendable {
        package var name: String
        package var version: String
        package var preprocessing: BundlePreprocessing
        /// The text of a JSON object.
        package var provenance: String
        package var dataLicence: String

        package init(
            name: String, version: String, preprocessing: BundlePreprocessing, provenance: String, dataLicence: String
        ) {
            self.name = name
            self.version = version
            self.preprocessing = preprocessing
            self.provenance = provenance
            self.dataLicence = dataLicence
        }
    }

    /// - Parameter selfTest: frames (frames, channels) of consecutive steps, at least one step.
    package init(_ graph: QuantizedGraph, _ description: Description, selfTest: [Float]) throws(BundleError) {
        let patches = graph.patches(ofFrames: selfTest)
        if let (architecture, network) = graph.asTCN {
            self = .tcn(
                try ModelBundle(
                    name: description.name, version: description.version, architecture: architecture,
                    preprocessing: description.preprocessing, network: network, training: description.provenance,
                    dataLicence: description.dataLicence, selfTestPatches: patches))
        } else {
            self = .graph(
                try GraphBundle(
                    name: description.name, version: description.version, graph: graph,
                    preprocessing: description.preprocessing, training: description.provenance,
                    dataLicence: description.dataLicence, selfTestPatches: patches))
        }
    }

    package func serialized() -> [UInt8] {
        switch self {
        case .tcn(let bundle): bundle.serialized()
        case .graph(let bundle): bundle.serialized()
        }
    }

    package var fingerprint: String {
        switch self {
        case .tcn(let bundle): bundle.fingerprint
        case .graph(let bundle): bundle.fingerprint
        }
    }

    package func selfTest(kernels: KernelSet = .scalar) throws(SelfTestError) {
        switch self {
        case .tcn(let bundle): try bundle.selfTest(kernels: kernels)
        case .graph(let bundle): try bundle.selfTest(kernels: kernels)
        }
    }
}

extension QuantizedGraph {
    /// Frames (frames, channels) as the patches of consecutive steps, (steps, in·p).
    package func patches(ofFrames frames: [Float]) -> [Float] {
        let (samples, channels) = (inputShape.frames, inputShape.channels)
        return (0..<frames.count / (samples * channels)).flatMap { step in
            (0..<channels).flatMap { channel in
                (0..<samples).map { frames[(step * samples + $0) * channels + channel] }
            }
        }
    }
}
