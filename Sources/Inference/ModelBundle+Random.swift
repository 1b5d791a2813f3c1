internal import SedgeCore

extension ModelBundle {
    /// A bundle with seeded random weights: the control encoder that every evaluation carries, and a model for tests.
    ///
    /// Weights are uniform with He's variance (He et al., 2015), so magnitudes neither vanish nor explode over the
    /// blocks; activation scales follow from the second moments that this variance implies, wide enough that almost
    /// nothing saturates for an input of unit variance. Uniform rather than normal, because IEEE square roots are the
    /// same everywhere and logarithms are not: equal seeds give equal bytes on every machine.
    package static func random(
        architecture: TCNArchitecture, seed: UInt64, preprocessing: BundlePreprocessing? = nil, name: String = "random"
    ) throws(BundleError) -> ModelBundle {
        try architecture.validate()
        var random = SeededRandom(seed: seed)
        let preprocessing =
            preprocessing
            ?? BundlePreprocessing(normalisation: .robust, clip: 8, defaultHop: architecture.patch)
        let input = ActivationQuantization.symmetric(maximum: Float(preprocessing.clip))
        // Second moments: E[x^2] of each tensor for an input of unit variance.
        var moment: Float = 1
        let stemOutput = ActivationQuantization.rectified(maximum: spread * moment.squareRoot())
        let stem = QuantizedConvolution.random(
            BundleLayer(name: "stem", outputs: architecture.channels, inputs: architecture.patchValues, taps: 1),
            gain: 2, input: input, random: &random)
        var x = stemOutput
        var blocks: [QuantizedTCN.Block] = []
        for layer in stride(from: 1, to: 2 * architecture.blocks, by: 2) {
            let u = ActivationQuantization.rectified(maximum: spread * moment.squareRoot())
            let v = ActivationQuantization.symmetric(maximum: spread * (moment * residualGain).squareRoot())
            let conv = QuantizedConvolution.random(architecture.layers[layer], gain: 2, input: x, random: &random)
            let pointwise = QuantizedConvolution.random(
                architecture.layers[layer + 1], gain: residualGain, input: u, random: &random)
            moment *= 1 + residualGain
            let output = ActivationQuantization.rectified(maximum: spread * moment.squareRoot())
            blocks.append(
                QuantizedTCN.Block(conv: conv, pointwise: pointwise, convOutput: u, pointwiseOutput: v, output: output))
            x = output
        }
        let projection = QuantizedConvolution.random(
            architecture.layers[2 * architecture.blocks + 1], gain: 1, input: x, random: &random)
        let network = QuantizedTCN(
            input: input, stem: stem, stemOutput: stemOutput, blocks: blocks, projection: projection,
            embedding: .symmetric(maximum: spread * moment.squareRoot()))
        let patches = (0..<32 * architecture.patchValues).map { _ in Float(random.uniform() * 4 - 2) }
        return try ModelBundle(
            name: name, version: "0.\(seed)", architecture: architecture, preprocessing: preprocessing,
            network: network, training: "{\"method\":\"random weights\",\"seed\":\(seed)}",
            dataLicence: "none: no data",
            selfTestPatches: patches)
    }

    /// Standard deviations that fit into a tensor's range.
    private static let spread: Float = 6
    /// Part of the residual branch in the sum, as second moments.
    private static let residualGain: Float = 0.25
}

extension QuantizedConvolution {
    /// Uniform weights of variance gain / (inputs · taps), and biases of a tenth of a standard deviation.
    fileprivate static func random(
        _ shape: BundleLayer, gain: Float, input: ActivationQuantization, random: inout SeededRandom
    ) -> Self {
        // A uniform number in ±127 has the variance 127^2 / 3.
        let deviation = (gain / Float(shape.inputs * shape.taps)).squareRoot()
        let scale = deviation * Float(3).squareRoot() / 127
        let weight = (0..<shape.outputs * shape.inputs * shape.taps).map { _ in Int8(Int(random.uniform() * 255) - 127)
        }
        let bias = (0..<shape.outputs).map { _ in
            Int32(Float(random.uniform() * 2 - 1) * 0.1 / (input.scale * scale))
        }
        return Self(
            outputs: shape.outputs, inputs: shape.inputs, taps: shape.taps, weight: weight,
            weightScale: Array(repeating: scale, count: shape.outputs), bias: bias)
    }
}
