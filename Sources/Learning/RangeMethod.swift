/// How a tensor's int8 range is chosen from its values.
package enum RangeMethod: Sendable, Equatable {
    /// A share of the values stays outside, half of it on either side.
    case percentile(excess: Double)
    /// The smallest mean square error between values and their int8 stand-ins.
    case leastSquares
}
