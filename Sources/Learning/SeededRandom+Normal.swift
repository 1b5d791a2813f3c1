package import SedgeCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

extension SeededRandom {
    /// A draw from the standard normal distribution (Box and Muller, 1958); the second of the pair is not kept, so
    /// the generator's state is its one number.
    package mutating func standardNormal() -> Double {
        let radius = (-2 * log(1 - uniform())).squareRoot()
        return radius * cos(2 * .pi * uniform())
    }

    /// Uniform in [low, high).
    package mutating func uniform(_ low: Double, _ high: Double) -> Double { low + (high - low) * uniform() }

    /// Uniform in the logarithm, in [low, high): for periods and scales.
    package mutating func logUniform(_ low: Double, _ high: Double) -> Double { exp(uniform(log(low), log(high))) }

    /// Uniform in 0..<count.
    package mutating func index(_ count: Int) -> Int { Int(uniform() * Double(count)) }
}
