import Learning
import SedgeCore
import Testing

private let gemm = PlainMatrixMultiply()

/// Every backward pass against finite differences; seeds are in the tests.
struct LayerGradientTests {
    @Test func pointwiseGradientsAgree() {
        var random = SeededRandom(seed: 11)
        var layer = Pointwise("p", inputs: 5, outputs: 4, bias: true, random: &random)
        let x = GradientCheck.normal(7, 5, &random)
        let direction = GradientCheck.normal(7, 4, &random)
        _ = layer.forward(x, .training, using: gemm)
        let dx = layer.backward(direction, using: gemm)

        func loss(_ layer: Pointwise, _ x: Matrix) -> Double {
            var layer = layer
            return GradientCheck.dot(layer.forward(x, .inference, using: gemm), direction)
        }
        #expect(
            GradientCheck.error(of: dx.values, at: x.values) {
                loss(layer, Matrix(rows: 7, columns: 5, values: $0))
            } < 1e-3)
        #expect(
            GradientCheck.error(of: layer.weight.gradient, at: layer.weight.value) {
                var other = layer
                other.weight.value = $0
                return loss(other, x)
            } < 1e-3)
        #expect(
            GradientCheck.error(of: layer.bias!.gradient, at: layer.bias!.value) {
                var other = layer
                other.bias!.value = $0
                return loss(other, x)
            } < 1e-3)
    }

    /// Two lanes of 9 steps; dilation 8 leaves one tap nearly nothing to see, 16 leaves it nothing.
    @Test(arguments: [1, 2, 8, 16])
    func dilatedConvolutionGradientsAgree(dilation: Int) {
        var random = SeededRandom(seed: 12)
        var layer = CausalConvolution("c", inputs: 3, outputs: 4, taps: 3, dilation: dilation, random: &random)
        let x = GradientCheck.normal(18, 3, &random)
        let direction = GradientCheck.normal(18, 4, &random)
        _ = layer.forward(x, lanes: 2, .training, using: gemm)
        let dx = layer.backward(direction, using: gemm)
        func loss(_ layer: CausalConvolution, _ x: Matrix) -> Double {
            var layer = layer
            return GradientCheck.dot(layer.forward(x, lanes: 2, .inference, using: gemm), direction)
        }
        #expect(
            GradientCheck.error(of: dx.values, at: x.values) {
                loss(layer, Matrix(rows: 18, columns: 3, values: $0))
            } < 1e-3)
        #expect(
            GradientCheck.error(of: layer.weight.gradient, at: layer.weight.value) {
                var other = layer
                other.weight.value = $0
                return loss(other, x)
            } < 1e-3)
    }

    @Test func batchNormalizationGradientsAgree() {
        var random = SeededRandom(seed: 13)
        var layer = BatchNormalization("n", channels: 3)
        layer.gain.value = [0.5, -1.2, 2]
        layer.shift.value = [0.1, 0.2, -0.3]
        let x = GradientCheck.normal(12, 3, &random)
        let direction = GradientCheck.normal(12, 3, &random)
        _ = layer.forward(x, .training)
        let dx = layer.backward(direction)
        func loss(_ layer: BatchNormalization, _ x: Matrix) -> Double {
            var layer = layer
            return GradientCheck.dot(layer.forward(x, .training), direction)
        }
        #expect(
            GradientCheck.error(of: dx.values, at: x.values) {
                loss(layer, Matrix(rows: 12, columns: 3, values: $0))
            } < 5e-3)
        #expect(
            GradientCheck.error(of: layer.gain.gradient, at: layer.gain.value) {
                var other = layer
                other.gain.value = $0
                return loss(other, x)
            } < 1e-3)
        #expect(
            GradientCheck.error(of: layer.shift.gradient, at: layer.shift.value) {
                var other = layer
                other.shift.value = $0
                return loss(other, x)
            } < 1e-3)
    }

    /// Along random directions, since single steps across a ReLU's corner say nothing about a gradient.
    @Test(arguments: [1, 2, 3] as [UInt64])
    func wholeNetworkGradientAgreesAlongADirection(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let shape = NetworkShape(patch: 4, channels: 6, blocks: 3, taps: 3, embedding: 5)
        var network = TemporalConvolutionalNetwork(shape, random: &random)
        // Blocks begin as the identity, whose inner gradients are zero: move them away.
        network.forEachParameter { parameter in
            for index in parameter.value.indices { parameter.value[index] += Float(random.standardNormal()) * 0.2 }
        }
        let x = GradientCheck.normal(60, 4, &random)
        let direction = GradientCheck.normal(60, 5, &random)
        _ = network.forward(x, lanes: 3, .training, using: gemm)
        network.backward(direction, using: gemm)

        // Along the gradient, so that the change is large, and a little aside of it, so that one that is missing shows.
        var (squares, count) = (Float(0), Float(0))
        network.forEachParameter { parameter in
            squares += parameter.gradient.reduce(0) { $0 + $1 * $1 }
            count += Float(parameter.gradient.count)
        }
        let aside = (squares / count).squareRoot()
        var moves: [[Float]] = []
        var expected = 0.0
        network.forEachParameter { parameter in
            let move = parameter.gradient.map {
                $0 * Float(random.uniform(0.2, 1.8)) + aside * Float(random.standardNormal())
            }
            for (a, b) in zip(move, parameter.gradient) { expected += Double(a) * Double(b) }
            moves.append(move)
        }
        func loss(_ distance: Float) -> Double {
            var other = network
            var index = 0
            other.forEachParameter { parameter in
                for i in parameter.value.indices { parameter.value[i] += distance * moves[index][i] }
                index += 1
            }
            return GradientCheck.dot(other.forward(x, lanes: 3, .training, using: gemm), direction)
        }
        let norm = Float(expected.squareRoot())
        let step = 2e-3 / norm
        let numeric = (loss(step) - loss(-step)) / (2 * Double(step))
        #expect(abs(numeric - expected) < 0.02 * abs(expected), "seed \(seed)")
    }

    @Test func embeddingsDependOnNoLaterStepAndNoOtherLane() {
        var random = SeededRandom(seed: 14)
        var network = TemporalConvolutionalNetwork(
            NetworkShape(patch: 4, channels: 6, blocks: 3, embedding: 5), random: &random)
        network.forEachParameter { parameter in
            for index in parameter.value.indices { parameter.value[index] += Float(random.standardNormal()) * 0.2 }
        }
        var x = GradientCheck.normal(40, 4, &random)
        let before = network.forward(x, lanes: 2, .inference, using: gemm)
        // Lane 1 of step 12 changes: its row is 25.
        for column in 0..<4 { x[25, column] += 1 }
        let after = network.forward(x, lanes: 2, .inference, using: gemm)
        for row in 0..<40 where row < 25 || row % 2 == 0 {
            for column in 0..<5 { #expect(before[row, column] == after[row, column]) }
        }
        #expect((0..<5).contains { before[25, $0] != after[25, $0] })
    }
}
