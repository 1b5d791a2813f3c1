/// Learned positive factors, one a channel, that the layers before and after a tensor share.
package struct ChannelGains: ParameterGroup, Sendable {
    private var logarithms: Parameter  // (channels)
    package private(set) var factors: [Float]  // (channels)

    package init(_ name: String, channels: Int) {
        logarithms = Parameter("\(name).gain", Array(repeating: 0, count: channels), decays: false)
        factors = Array(repeating: 1, count: channels)
    }

    /// By the factors' logarithms.
    mutating func addGradient(_ gradient: [Float]) {
        for index in gradient.indices { logarithms.gradient[index] += gradient[index] * LogGain.stride }
    }

    package mutating func forEachParameter(_ body: (inout Parameter) -> Void) {
        body(&logarithms)
        factors = logarithms.value.map(LogGain.factor)
    }
}
