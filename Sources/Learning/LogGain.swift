#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A positive factor that an optimiser moves by its logarithm.
enum LogGain {
    /// Factors move so many times as far as a weight in the same step: a weight of a layer is a few hundredths, a
    /// useful factor anything between a half and two.
    static let stride: Float = 30

    static func factor(_ value: Float) -> Float { exp(Self.stride * value) }

    static func value(_ factor: Float) -> Float { log(factor) / Self.stride }
}
