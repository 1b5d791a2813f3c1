/// What the world sees of an encoder, whatever it is inside.
package protocol EncoderInterface {
    /// Channels that one lane reads.
    var inputChannels: Int { get }
    /// p: samples of a patch, the input of one step.
    var patch: Int { get }
    /// E: channels of the embedding.
    var embedding: Int { get }
    /// Samples between two steps.
    var hops: ClosedRange<Int> { get }
}

extension EncoderInterface {
    /// Values of one patch, in·p: value `c·p + i` is sample `i` (oldest first) of channel `c`.
    package var patchValues: Int { inputChannels * patch }
}

extension TCNArchitecture: EncoderInterface {
    package var hops: ClosedRange<Int> { 1...patch }
}

extension QuantizedGraph: EncoderInterface {
    package var inputChannels: Int { inputShape.channels }
    package var patch: Int { inputShape.frames }

    package var embedding: Int {
        var channels = [inputChannels]
        for node in nodes {
            switch node.operation {
            case .convolution(let convolution): channels.append(convolution.layer.outputs)
            case .concatenation(.channel): channels.append(node.inputs.reduce(0) { $0 + channels[$1] })
            case .addition, .concatenation(.time): channels.append(channels[node.inputs[0]])
            }
        }
        return channels[nodes.count]
    }

    /// A window may move as it likes; a stream must see every sample once.
    package var hops: ClosedRange<Int> { context == .window ? 1...patch : patch...patch }
}
