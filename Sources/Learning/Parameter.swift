package import SedgeCore

/// What the optimiser changes: values, and the gradient that backward passes add to.
package struct Parameter: Sendable {
    package let name: String
    package var value: [Float]
    package var gradient: [Float]
    /// Whether weight decay applies: to weights of products, not to biases and normalisation gains.
    package let decays: Bool

    package init(_ name: String, _ value: [Float], decays: Bool) {
        self.name = name
        self.value = value
        self.decays = decays
        gradient = Array(repeating: 0, count: value.count)
    }

    /// Normal values with variance 2 / fan-in (He et al., 2015), which keeps the variance through ReLU layers.
    package init(_ name: String, count: Int, fanIn: Int, random: inout SeededRandom) {
        let deviation = (2 / Double(fanIn)).squareRoot()
        self.init(name, (0..<count).map { _ in Float(random.standardNormal() * deviation) }, decays: true)
    }

    package mutating func clearGradient() {
        gradient.withUnsafeMutableBufferPointer { $0.update(repeating: 0) }
    }
}
