/// A bundle of any family that the agent runs: the engine's own network, or an imported graph.
package enum EncoderBundle: Sendable, Equatable {
    case tcn(ModelBundle)
    case graph(GraphBundle)

    /// Reads a bundle file and checks everything: what this returns can run.
    package init(bytes: [UInt8]) throws(BundleError) {
        self = Self.isGraph(bytes) ? .graph(try GraphBundle(bytes: bytes)) : .tcn(try ModelBundle(bytes: bytes))
    }

    /// Whether it says so. What can not be read at all is for the engine's own family to complain about.
    private static func isGraph(_ bytes: [UInt8]) -> Bool {
        guard let text = try? Safetensors(bytes: bytes).metadata[TCNArchitecture.field] else { return false }
        let reader = try? BundleFieldReader(field: TCNArchitecture.field, text: text)
        return (try? reader?.string("family")) == QuantizedGraph.family
    }

    private var own: any EncoderBundleFamily {
        switch self {
        case .tcn(let bundle): bundle
        case .graph(let bundle): bundle
        }
    }

    /// What the world sees of its encoder.
    package var interface: any EncoderInterface { own.interface }
    package var name: String { own.name }
    /// `name@version#checksum`.
    package var fingerprint: String { own.fingerprint }
    package var preprocessing: BundlePreprocessing { own.preprocessing }
    /// What it knows of labels, as the learners write it; empty where it knows none.
    package var labels: [UInt8] { own.labels }

    /// The bundle, where its last block can be trained on the gateway: that of the engine's own network, which reads
    /// each channel by itself.
    package var retrainable: ModelBundle? {
        guard case .tcn(let bundle) = self, bundle.architecture.mode == .independent else { return nil }
        return bundle
    }

    /// Runs the bundle's own vectors; they must give their bytes.
    package func selfTest(kernels: KernelSet = .scalar) throws(SelfTestError) { try own.selfTest(kernels: kernels) }
}

/// What a bundle of every family has.
private protocol EncoderBundleFamily {
    var name: String { get }
    var fingerprint: String { get }
    var preprocessing: BundlePreprocessing { get }
    var labels: [UInt8] { get }
    var interface: any EncoderInterface { get }
    func selfTest(kernels: KernelSet) throws(SelfTestError)
}

extension ModelBundle: EncoderBundleFamily {
    fileprivate var interface: any EncoderInterface { architecture }
}

extension GraphBundle: EncoderBundleFamily {
    fileprivate var interface: any EncoderInterface { graph }
    fileprivate var labels: [UInt8] { [] }
}
