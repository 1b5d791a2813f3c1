import Learning
import SedgeCore
import Testing

/// What a gateway trains: gradients, the way to the float layers and back, and the bound on its change.
struct TailNetworkTests {
    private static let gemm = PlainMatrixMultiply()
    private static let (channels, taps, size) = (5, 3, 4)

    private static func network(seed: UInt64) -> TailNetwork {
        var random = SeededRandom(seed: seed)
        func layer(_ outputs: Int, _ inputs: Int) -> FoldedLayer {
            FoldedLayer(
                taps: 1, outputs: outputs, inputs: inputs, dilation: 1,
                weight: (0..<outputs * inputs).map { _ in Float(random.standardNormal()) * 0.5 },
                bias: (0..<outputs).map { _ in Float(random.standardNormal()) * 0.3 })
        }
        return TailNetwork(
            .init(
                convolution: layer(channels, taps * channels), pointwise: layer(channels, channels),
                projection: layer(size, channels)),
            ranges: .init(
                hidden: ActivationRange(low: 0, high: 9), branch: ActivationRange(low: -9, high: 9),
                output: ActivationRange(low: 0, high: 11), embedding: ActivationRange(low: -14, high: 14)))
    }

    /// Frames as a rectified block leaves them.
    private static func frames(_ rows: Int, _ random: inout SeededRandom) -> Matrix {
        var x = GradientCheck.normal(rows, taps * channels, &random)
        for index in x.values.indices { x.values[index] = max(0, x.values[index]) }
        return x
    }

    @Test(arguments: [UInt64](1...3)) func gradientsAreFiniteDifferences(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let frames = Self.frames(7, &random)
        let direction = GradientCheck.normal(7, Self.size, &random)
        var network = Self.network(seed: seed)
        network.round(false)
        network.clearGradients()
        _ = network.forward(frames, .training, using: Self.gemm)
        network.backward(direction, using: Self.gemm)
        var parameters: [Parameter] = []
        network.forEachParameter { parameters.append($0) }
        for (place, parameter) in parameters.enumerated() where !parameter.name.hasSuffix("scale") {
            let error = GradientCheck.error(of: parameter.gradient, at: parameter.value, step: 2e-3) { values in
                var moved = network
                var index = 0
                moved.forEachParameter {
                    if index == place { $0.value = values }; index += 1
                }
                return GradientCheck.dot(moved.forward(frames, .inference, using: Self.gemm), direction)
            }
            #expect(error < 0.02, "\(parameter.name), seed \(seed)")
        }
    }

    /// The convolution over frames side by side is the dilated one over a sequence.
    @Test func rowsWithTheirTapsAreStepsOfASequence() {
        var random = SeededRandom(seed: 9)
        let sequence = {
            var x = GradientCheck.normal(9, Self.channels, &random)
            for index in x.values.indices { x.values[index] = max(0, x.values[index]) }
            return x
        }()
        var network = Self.network(seed: 4)
        network.round(false)
        let layers = network.layers
        // Side by side (out, tap · in) against (tap, out, in).
        let weight = (0..<Self.taps).flatMap { tap in
            (0..<Self.channels).flatMap { output in
                (0..<Self.channels).map { input in
                    layers.convolution.weight[(output * Self.taps + tap) * Self.channels + input]
                }
            }
        }
        var u = FloatKernels.convolve(
            sequence, weight, layers.convolution.bias, outputs: Self.channels, taps: Self.taps, dilation: 2, lanes: 1,
            using: Self.gemm)
        FloatKernels.rectify(&u)
        var x = layers.pointwise.forward(u, lanes: 1, using: Self.gemm)
        x.add(sequence)
        FloatKernels.rectify(&x)
        let expected = layers.projection.forward(x, lanes: 1, using: Self.gemm)
        let frames = Matrix(rows: 5, columns: Self.taps * Self.channels) { target in
            for step in 4..<9 {
                for tap in 0..<Self.taps {
                    for channel in 0..<Self.channels {
                        target[((step - 4) * Self.taps + tap) * Self.channels + channel] =
                            sequence[step - (Self.taps - 1 - tap) * 2, channel]
                    }
                }
            }
        }
        let found = network.forward(frames, .inference, using: Self.gemm)
        for step in 4..<9 {
            for column in 0..<Self.size { #expect(abs(found[step - 4, column] - expected[step, column]) < 1e-4) }
        }
    }

    @Test func aBoundHoldsHoweverOftenItIsTrained() {
        var network = Self.network(seed: 6)
        let bound = ParameterBound(around: &network, share: 0.2)
        for _ in 0..<50 {
            network.forEachParameter { parameter in
                for index in parameter.value.indices { parameter.value[index] += 0.1 }
            }
            bound.hold(&network)
        }
        #expect(bound.change(of: &network) < 0.21)
        #expect(bound.change(of: &network) > 0.1)
    }

    @Test func whatIsNoNumberGoesBack() {
        var network = Self.network(seed: 6)
        let bound = ParameterBound(around: &network, share: 0.2)
        network.forEachParameter { $0.value[0] = .nan }
        bound.hold(&network)
        network.forEachParameter { parameter in #expect(parameter.value.allSatisfy { $0.isFinite }, "\(parameter.name)")
        }
    }
}

struct RidgeRegressionTests {
    @Test func findsTheWeightsThatMadeTheTargets() throws {
        var random = SeededRandom(seed: 3)
        let x = GradientCheck.normal(400, 3, &random)
        let y = Matrix(
            rows: 400, columns: 2,
            values: (0..<400).flatMap { [2 * x[$0, 0] - x[$0, 2] + 5, 0.5 * x[$0, 1] - 1] })
        var regression = RidgeRegression(inputs: 3, outputs: 2)
        regression.add(x, y)
        let found = try #require(regression.solution(penalty: 1e-6))
        for (value, expected) in zip(found.weight + found.bias, [2, 0, -1, 0, 0.5, 0, 5, -1] as [Float]) {
            #expect(abs(value - expected) < 1e-2)
        }
    }

    @Test func distancesOfItsOwnRowsAreOneOnAverage() throws {
        var random = SeededRandom(seed: 4)
        var x = GradientCheck.normal(500, 6, &random)
        for row in 0..<500 { x[row, 1] = 3 * x[row, 0] + 0.1 * x[row, 1] }
        var regression = RidgeRegression(inputs: 6, outputs: 1)
        regression.add(x, Matrix(rows: 500, columns: 1))
        let distribution = try #require(regression.distribution(penalty: 1e-9))
        let mean = (0..<500).reduce(0.0) { $0 + distribution.distance(x.values[$1 * 6..<$1 * 6 + 6]) } / 500
        #expect(abs(mean - 1) < 1e-3)
        #expect(distribution.distance([3, -9, 0, 0, 0, 0]) > 20)
    }

    @Test func withoutRowsThereIsNoSolution() {
        #expect(RidgeRegression(inputs: 2, outputs: 1).solution() == nil)
    }
}
