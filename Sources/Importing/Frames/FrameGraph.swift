package import Inference

/// A float network over frames: what is left of a model when layouts, constants and shapes are worked out.
///
/// Every value is a sequence of frames, (frames, channels), of one window. Value 0 is the input, value i + 1 what node
/// i makes; the last node makes the output. Three operations carry everything: padding, cropping, scaling, picking,
/// averaging and dense layers over a whole window are convolutions too.
package struct FrameGraph: Sendable, Equatable {
    package enum Operation: Sendable, Equatable {
        case convolution(FrameConvolution)
        /// Of two values of one shape.
        case addition
        case concatenation(Axis)
    }

    package enum Axis: String, Sendable {
        case time, channel
    }

    package struct Shape: Sendable, Equatable {
        package var frames: Int
        package var channels: Int

        package var count: Int { frames * channels }
    }

    package struct Node: Sendable, Equatable {
        /// The model's node that it came from, for reports.
        package var name: String
        package var operation: Operation
        package var inputs: [Int]
        package var shape: Shape
        /// A ReLU or clip behind the operation.
        package var limits = unlimited
        /// Where the model says how its value is quantized.
        package var quantization: ActivationQuantization?
    }

    package static let unlimited = -Float.infinity...Float.infinity
    static let maximumNodes = 4096
    /// A graph bundle's.
    static let maximumChannels = 4096
    static let maximumValues = 1 << 22

    package var input: Shape
    package var inputQuantization: ActivationQuantization?
    package var nodes: [Node] = []

    package init(input: Shape) { self.input = input }

    package func shape(_ value: Int) -> Shape { value == 0 ? input : nodes[value - 1].shape }

    package var output: Shape { shape(nodes.count) }

    func quantization(_ value: Int) -> ActivationQuantization? {
        value == 0 ? inputQuantization : nodes[value - 1].quantization
    }

    /// Nodes that read a value.
    func readers(_ value: Int) -> [Int] { nodes.indices.filter { nodes[$0].inputs.contains(value) } }

    /// Adds a node and returns its value.
    mutating func append(_ node: Node, place: String) throws(ImportError) -> Int {
        guard nodes.count < Self.maximumNodes else {
            throw ImportError(place, found: "more than \(Self.maximumNodes) operations", expected: "fewer")
        }
        let (count, overflow) = node.shape.frames.multipliedReportingOverflow(by: node.shape.channels)
        guard !overflow, count <= Self.maximumValues, node.shape.channels <= Self.maximumChannels else {
            throw ImportError(
                place, found: "an output of \(node.shape.frames) frames of \(node.shape.channels) channels",
                expected: "at most \(Self.maximumChannels) channels and \(Self.maximumValues) values")
        }
        nodes.append(node)
        return nodes.count
    }

    /// Takes a node away; who read its value reads `value` instead.
    mutating func remove(_ index: Int, reading value: Int) {
        nodes.remove(at: index)
        for node in nodes.indices {
            for slot in nodes[node].inputs.indices {
                let source = nodes[node].inputs[slot]
                nodes[node].inputs[slot] = source == index + 1 ? value : source > index + 1 ? source - 1 : source
            }
        }
    }

    /// Takes away what nothing reads.
    mutating func removeUnread() {
        for index in nodes.indices.dropLast().reversed() where readers(index + 1).isEmpty {
            remove(index, reading: 0)
        }
    }
}
