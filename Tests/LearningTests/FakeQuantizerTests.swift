import Learning
import SedgeCore
import Testing

struct FakeQuantizerTests {
    private static let gemm = PlainMatrixMultiply()
    private static let shape = NetworkShape(patch: 3, channels: 5, blocks: 2, embedding: 4)

    private static func network(seed: UInt64) -> FoldedNetwork {
        var random = SeededRandom(seed: seed)
        func layer(taps: Int, _ outputs: Int, _ inputs: Int, dilation: Int = 1) -> FoldedLayer {
            FoldedLayer(
                taps: taps, outputs: outputs, inputs: inputs, dilation: dilation,
                weight: (0..<taps * outputs * inputs).map { _ in Float(random.standardNormal()) * 0.5 },
                bias: (0..<outputs).map { _ in Float(random.standardNormal()) * 0.3 })
        }
        return FoldedNetwork(
            shape: shape, stem: layer(taps: 1, 5, 3),
            blocks: (0..<2).map {
                .init(convolution: layer(taps: 3, 5, 5, dilation: 1 << $0), pointwise: layer(taps: 1, 5, 5))
            }, projection: layer(taps: 1, 4, 5))
    }

    private static func range(_ site: FoldedNetwork.Site) -> ActivationRange {
        switch site {
        case .input: ActivationRange(symmetric: 4)
        case .branch: ActivationRange(low: -9, high: 7)
        case .embedding: ActivationRange(low: -10, high: 12)
        default: ActivationRange(low: 0, high: 11)
        }
    }

    @Test(arguments: [ActivationRange(low: 0, high: 3), .init(low: -2, high: 1), .init(symmetric: 1.5)])
    func roundsAsTheBundlesQuantizationDoes(_ range: ActivationRange) {
        var random = SeededRandom(seed: 61)
        let x = GradientCheck.normal(50, 7, &random)
        var quantizer = FakeQuantizer("x", range)
        let y = quantizer.forward(x, .inference)
        for (value, rounded) in zip(x.values, y.values) {
            #expect(rounded == range.dequantize(range.quantize(value)), "\(value)")
        }
    }

    /// The straight-through estimator is the gradient of a function in which each value keeps the distance to its
    /// rounded self that it has now: that function has finite differences.
    @Test(arguments: [ActivationRange(low: 0, high: 1), .init(low: -0.7, high: 1.1)])
    func straightThroughGradientsAreThoseOfAFixedRoundingError(_ range: ActivationRange) {
        var random = SeededRandom(seed: 62)
        // Far from both ends, or a small step could cross one.
        var x = GradientCheck.normal(20, 5, &random)
        for index in x.values.indices where abs(x.values[index]) < 0.05 { x.values[index] = 0.05 }
        let direction = GradientCheck.normal(20, 5, &random)
        var quantizer = FakeQuantizer("x", range)
        _ = quantizer.forward(x, .training)
        let dx = quantizer.backward(direction)
        var scaleGradient: Float = 0
        quantizer.forEachParameter { scaleGradient = $0.gradient[0] }
        let ends = (Float(-128 - range.zeroPoint), Float(127 - range.zeroPoint))
        let errors = x.values.map { value in
            let steps = max(ends.0, min(ends.1, value / range.scale))
            return steps.rounded(.toNearestOrEven) - steps
        }
        func loss(_ values: [Float], scale: Double) -> Double {
            values.indices.reduce(0) { sum, index in
                let steps = max(Double(ends.0), min(Double(ends.1), Double(values[index]) / scale))
                return sum + (steps + Double(errors[index])) * scale * Double(direction.values[index])
            }
        }
        let error = GradientCheck.error(of: dx.values, at: x.values, step: 1e-3) {
            loss($0, scale: Double(range.scale))
        }
        #expect(error < 0.01)
        // The parameter moves the scale's logarithm, 30 times as far.
        let scale = Double(range.scale)
        let difference = loss(x.values, scale: scale * 1.00001) - loss(x.values, scale: scale / 1.00001)
        #expect(abs(Double(scaleGradient) / (difference / 2e-5 * 30) - 1) < 0.01)
    }

    @Test func withoutRoundingItIsTheFoldedNetworkWhateverTheGains() {
        let network = Self.network(seed: 63)
        var random = SeededRandom(seed: 64)
        let x = GradientCheck.normal(24, 3, &random)
        let expected = network.forward(x, lanes: 2, using: Self.gemm)
        var fake = FakeQuantizedNetwork(network, range: Self.range)
        fake.round(weights: false) { _ in false }
        fake.forEachParameter { parameter in
            guard parameter.name.hasSuffix(".gain") else { return }
            for index in parameter.value.indices { parameter.value[index] = Float(random.uniform() - 0.5) / 30 }
        }
        let values = fake.forward(x, lanes: 2, .inference, using: Self.gemm)
        for (a, b) in zip(expected.values, values.values) { #expect(abs(a - b) < 1e-4 * max(1, abs(a))) }
        let folded = fake.folded.forward(x, lanes: 2, using: Self.gemm)
        for (a, b) in zip(expected.values, folded.values) { #expect(abs(a - b) < 1e-4 * max(1, abs(a))) }
        #expect(fake.folded.stem.weight != network.stem.weight)
    }

    @Test func gradientsOfWeightsAndBiasesAgreeWithFiniteDifferences() {
        var random = SeededRandom(seed: 65)
        let x = GradientCheck.normal(16, 3, &random)
        let direction = GradientCheck.normal(16, 4, &random)
        var fake = FakeQuantizedNetwork(Self.network(seed: 66), range: Self.range)
        fake.round(weights: false) { _ in false }
        fake.clearGradients()
        _ = fake.forward(x, lanes: 2, .training, using: Self.gemm)
        fake.backward(direction, using: Self.gemm)
        var gradients: [(name: String, value: [Float], gradient: [Float])] = []
        fake.forEachParameter { gradients.append(($0.name, $0.value, $0.gradient)) }
        for (name, value, gradient) in gradients where !name.hasSuffix(".scale") && !name.hasSuffix(".gain") {
            let error = GradientCheck.error(of: gradient, at: value, step: 1e-3) { candidate in
                var changed = fake
                changed.forEachParameter { if $0.name == name { $0.value = candidate } }
                return GradientCheck.dot(changed.forward(x, lanes: 2, .inference, using: Self.gemm), direction)
            }
            #expect(error < 0.02, "\(name)")
        }
    }

    @Test func gradientsOfGainsAgreeWithFiniteDifferences() {
        var random = SeededRandom(seed: 67)
        let layer = Self.network(seed: 68).blocks[1].convolution
        let x = GradientCheck.normal(16, 5, &random)
        let direction = GradientCheck.normal(16, 5, &random)
        var fake = FakeQuantizedLayer("layer", layer)
        fake.rounds = false
        var output: ChannelGains? = ChannelGains("out", channels: 5)
        var input: ChannelGains? = ChannelGains("in", channels: 5)
        _ = fake.forward(x, lanes: 2, output: output, input: input, .training, using: Self.gemm)
        _ = fake.backward(direction, output: &output, input: &input, using: Self.gemm)
        for isOutput in [true, false] {
            var gains = (isOutput ? output : input)!
            var (value, gradient) = ([Float](), [Float]())
            gains.forEachParameter { (value, gradient) = ($0.value, $0.gradient) }
            let error = GradientCheck.error(of: gradient, at: value, step: 1e-4) { candidate in
                gains.forEachParameter { $0.value = candidate }
                var changed = fake
                let y = changed.forward(
                    x, lanes: 2, output: isOutput ? gains : output, input: isOutput ? input : gains, .inference,
                    using: Self.gemm)
                return GradientCheck.dot(y, direction)
            }
            #expect(error < 0.02, "\(isOutput ? "output" : "input")")
        }
    }

    @Test func correctedBiasesKeepTheMeanOfARoundedLayer() {
        var random = SeededRandom(seed: 69)
        let layer = FoldedLayer(
            taps: 1, outputs: 4, inputs: 6, dilation: 1,
            weight: (0..<24).map { _ in Float(random.standardNormal()) }, bias: [0, 0, 0, 0])
        var x = GradientCheck.normal(400, 6, &random)
        for index in x.values.indices { x.values[index] += 30 }
        var means = [Float](repeating: 0, count: 6)
        FloatKernels.addColumnSums(of: x, to: &means)
        let exact = layer.forward(x, lanes: 1, using: Self.gemm)
        var fake = FakeQuantizedLayer("layer", layer)
        func shift() -> Float {
            let y = fake.forward(x, lanes: 1, output: nil, input: nil, .inference, using: Self.gemm)
            let sums = zip(y.values, exact.values).enumerated().reduce(into: [Float](repeating: 0, count: 4)) {
                $0[$1.offset % 4] += $1.element.0 - $1.element.1
            }
            return sums.map { abs($0) / 400 }.max()!
        }
        let before = shift()
        fake.correctBias(inputMeans: means.map { $0 / 400 })
        #expect(shift() < 0.02 * before)
    }
}
