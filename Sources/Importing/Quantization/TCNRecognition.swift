package import Inference

extension QuantizedGraph {
    /// The same network as the engine's own TCN, where it is one: a patch stem, blocks of a dilated convolution and a
    /// pointwise one beside a shortcut with dilations 1, 2, 4, …, and a projection. Its arithmetic is the same to the
    /// last bit.
    package var asTCN: (architecture: TCNArchitecture, network: QuantizedTCN)? {
        guard context == .stream, nodes.count >= 5, (nodes.count - 2) % 3 == 0 else { return nil }
        let samples = inputShape.frames
        guard let stem = tcnLayer(0, reading: 0, rectified: true), stem.before == 0, stem.layer.taps == samples,
            stem.stride == samples
        else { return nil }
        let channels = stem.layer.outputs
        var blocks: [QuantizedTCN.Block] = []
        var kernel = 0
        for index in 0..<(nodes.count - 2) / 3 {
            // Of a block: what it reads, then its three nodes. The addition may name its two values in either order.
            let value = 1 + 3 * index
            guard let conv = tcnLayer(value, reading: value, rectified: true),
                let pointwise = tcnLayer(value + 1, reading: value + 1, rectified: false),
                nodes[value + 2].operation == .addition, nodes[value + 2].inputs.sorted() == [value, value + 2],
                nodes[value + 2].isRectified, conv.dilation == 1 << index || conv.layer.taps == 1, conv.stride == 1,
                conv.before == conv.span - 1, conv.layer.outputs == channels, pointwise.layer.taps == 1,
                pointwise.layer.outputs == channels, index == 0 || conv.layer.taps == kernel
            else { return nil }
            kernel = conv.layer.taps
            blocks.append(
                QuantizedTCN.Block(
                    conv: conv.layer, pointwise: pointwise.layer, convOutput: nodes[value].output,
                    pointwiseOutput: nodes[value + 1].output, output: nodes[value + 2].output))
        }
        guard let projection = tcnLayer(nodes.count - 1, reading: nodes.count - 1, rectified: false),
            projection.layer.taps == 1
        else { return nil }
        let architecture = TCNArchitecture(
            mode: inputShape.channels == 1 ? .independent : .joint, inputChannels: inputShape.channels,
            patch: samples, channels: channels, blocks: blocks.count, kernel: kernel,
            embedding: projection.layer.outputs)
        var flat = stem.layer
        // (out, in, tap) and (out, in·p) lie alike in memory.
        flat.inputs *= flat.taps
        flat.taps = 1
        let network = QuantizedTCN(
            input: input, stem: flat, stemOutput: nodes[0].output, blocks: blocks, projection: projection.layer,
            embedding: nodes[nodes.count - 1].output)
        // Sizes beyond the TCN's limits run as a graph.
        guard (try? architecture.validate()) != nil, (try? network.validate(against: architecture)) != nil else {
            return nil
        }
        return (architecture, network)
    }

    private func tcnLayer(_ index: Int, reading value: Int, rectified: Bool) -> Convolution? {
        let node = nodes[index]
        guard case .convolution(let convolution) = node.operation, !convolution.isDepthwise, node.inputs == [value],
            rectified ? node.isRectified : node.limits == -128...127
        else { return nil }
        return convolution
    }
}

extension QuantizedGraph.Node {
    /// Whether the output is a ReLU's: cut off at zero, by a limit or because zero is the lowest byte.
    fileprivate var isRectified: Bool {
        limits.upperBound == 127 && limits.lowerBound == output.zeroPoint
    }
}
