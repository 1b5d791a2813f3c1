/// Something that has parameters, always visited in the same order.
///
/// The optimiser and the checkpoint rely on the order alone.
package protocol ParameterGroup {
    mutating func forEachParameter(_ body: (inout Parameter) -> Void)
}

extension ParameterGroup {
    package mutating func clearGradients() {
        forEachParameter { $0.clearGradient() }
    }

    /// Scales all gradients down together so that their common Euclidean norm is at most `limit`
    /// (Pascanu et al., 2013). Returns the norm before.
    @discardableResult
    package mutating func clipGradients(to limit: Float) -> Float {
        var sum = 0.0
        forEachParameter { parameter in
            for value in parameter.gradient { sum += Double(value) * Double(value) }
        }
        let norm = Float(sum.squareRoot())
        guard norm > limit else { return norm }
        let factor = limit / norm
        forEachParameter { parameter in
            for index in parameter.gradient.indices { parameter.gradient[index] *= factor }
        }
        return norm
    }
}
