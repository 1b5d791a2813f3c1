extension FrameGraph {
    /// Why a model can not stream.
    package struct NotCausal: Error, CustomStringConvertible, Equatable {
        package let description: String
    }

    /// The same network for streaming: a step of a few frames instead of a window, and the past instead of padding.
    ///
    /// A convolution of stride s is causal when its last tap meets one of the s newest frames, and when it makes a
    /// frame for every s of its input. Picking the newest frame, which many models do before their head, is what a
    /// stream does anyway. The result's paddings count past frames.
    /// - Parameter samples: frames a step; nil: as few as the strides allow.
    package func streaming(samples: Int?) throws(NotCausal) -> FrameGraph {
        var graph = self
        var strides = [1]
        var isNewest = [false]
        for index in nodes.indices {
            let node = nodes[index]
            let source = node.inputs[0]
            switch node.operation {
            case .concatenation(.time):
                throw NotCausal(description: "\(node.name) joins along time")
            case .addition, .concatenation(.channel):
                guard node.inputs.allSatisfy({ isNewest[$0] == isNewest[source] && strides[$0] == strides[source] })
                else { throw NotCausal(description: "\(node.name) joins values of different rates") }
                strides.append(strides[source])
                isNewest.append(isNewest[source])
            case .convolution(var convolution):
                let length = shape(source).frames
                if convolution.picksNewest(of: length), !isNewest[source], length > 1 {
                    convolution.before = 0
                    strides.append(strides[source])
                    isNewest.append(true)
                } else {
                    try convolution.checkCausal(node, length: length, isNewest: isNewest[source])
                    strides.append(strides[source] * convolution.stride)
                    isNewest.append(isNewest[source])
                }
                convolution.after = 0
                graph.nodes[index].operation = .convolution(convolution)
            }
        }
        let largest = strides.max()!
        let samples = samples ?? largest
        guard samples > 0, strides.allSatisfy({ samples % $0 == 0 }) else {
            throw NotCausal(
                description: "a step of \(samples) samples is no multiple of its strides, \(largest) at most")
        }
        graph.input.frames = samples
        for index in nodes.indices { graph.nodes[index].shape.frames = samples / strides[index + 1] }
        return graph
    }
}

extension FrameGraph {
    /// A graph of one step over many steps at once, from a fresh start.
    package func repeated(steps: Int) -> FrameGraph {
        var graph = self
        graph.input.frames *= steps
        for index in nodes.indices { graph.nodes[index].shape.frames *= steps }
        return graph
    }

    /// Samples that have a say in the newest frame of the output.
    package var receptiveField: Int {
        // Of each value: samples that its newest frame sees, and samples between two of its frames.
        var reach = [(samples: 1, step: 1)]
        for node in nodes {
            let inputs = node.inputs.map { reach[$0] }
            let widest = inputs.map(\.samples).max() ?? 1
            guard case .convolution(let convolution) = node.operation else {
                reach.append((widest, inputs[0].step))
                continue
            }
            reach.append((widest + (convolution.span - 1) * inputs[0].step, inputs[0].step * convolution.stride))
        }
        return reach[nodes.count].samples
    }
}

extension FrameConvolution {
    fileprivate func picksNewest(of frames: Int) -> Bool {
        taps == 1 && before == 1 - frames && after == 0
    }

    fileprivate func checkCausal(
        _ node: FrameGraph.Node, length: Int, isNewest: Bool
    ) throws(FrameGraph.NotCausal) {
        if isNewest && (taps > 1 || before != 0 || stride > 1) {
            throw FrameGraph.NotCausal(description: "\(node.name) spans frames behind one that was picked")
        }
        let ahead = span - 1 - before
        guard (0..<stride).contains(ahead) else {
            throw FrameGraph.NotCausal(
                description: ahead < 0
                    ? "\(node.name) looks back behind its padding"
                    : "\(node.name) looks \(ahead) frames ahead at a stride of \(stride)")
        }
        guard node.shape.frames == length / stride else {
            throw FrameGraph.NotCausal(
                description: "\(node.name) makes \(node.shape.frames) frames of \(length) at a stride of \(stride)")
        }
    }
}
