internal import CKernels

/// A graph packed for one variant of the kernels. Nothing writes it once it is built.
package final class PackedGraph: Sendable {
    enum Operation {
        case convolution(PackedConvolution, Taps)
        case addition(UnsafePointer<sedge_addition>)
        case concatenation(QuantizedGraph.Axis)
    }

    /// Where the taps of a convolution lie.
    struct Taps {
        let count: Int
        let dilation: Int
        let stride: Int
        let before: Int
        /// A frame of zeros of the input, for what lies outside a window.
        let zeros: UnsafePointer<Int8>
        /// Where the lane's past frames lie; nil when the convolution reads this step only.
        let ring: GraphStateLayout.Ring?
    }

    struct Node {
        let operation: Operation
        let inputs: [Int]
        let shape: QuantizedGraph.Shape
        /// 127 where nothing is cut off.
        let high: Int8
    }

    package let graph: QuantizedGraph
    /// The bundle's.
    package let fingerprint: String
    package let kernels: KernelSet
    nonisolated(unsafe) let nodes: [Node]
    let shapes: [QuantizedGraph.Shape]
    let layout: GraphStateLayout
    private let memory: AlignedMemory

    package convenience init(bundle: GraphBundle, kernels: KernelSet) {
        self.init(graph: bundle.graph, shapes: bundle.shapes, fingerprint: bundle.fingerprint, kernels: kernels)
    }

    /// - Parameter shapes: of a validated graph.
    init(graph: QuantizedGraph, shapes: [QuantizedGraph.Shape], fingerprint: String, kernels: KernelSet) {
        self.graph = graph
        self.shapes = shapes
        self.fingerprint = fingerprint
        self.kernels = kernels
        layout = GraphStateLayout(graph, shapes: shapes)
        var memory = AlignedMemory()
        var nodes: [Node] = []
        for (index, node) in graph.nodes.enumerated() {
            let operation: Operation
            switch node.operation {
            case .convolution(let convolution):
                let input = graph.quantization(node.inputs[0])
                let channels = shapes[node.inputs[0]].channels
                let zeros: UnsafeMutablePointer<Int8> = memory.allocate(count: channels)
                zeros.initialize(repeating: input.zeroPoint, count: channels)
                let packed = PackedConvolution(
                    convolution.layer, input: input, output: node.output, low: node.limits.lowerBound,
                    isDepthwise: convolution.isDepthwise, kernels: kernels, memory: &memory)
                let taps = Taps(
                    count: convolution.layer.taps, dilation: convolution.dilation, stride: convolution.stride,
                    before: convolution.before, zeros: UnsafePointer(zeros), ring: layout.rings[index])
                operation = .convolution(packed, taps)
            case .addition:
                let (left, right) = (graph.quantization(node.inputs[0]), graph.quantization(node.inputs[1]))
                let addition = memory.allocate(sedge_addition.self, count: 1)
                addition.initialize(
                    to: sedge_addition(
                        left_multiplier: left.scale / node.output.scale,
                        right_multiplier: right.scale / node.output.scale, left_zero_point: Int32(left.zeroPoint),
                        right_zero_point: Int32(right.zeroPoint), zero_point: Int32(node.output.zeroPoint),
                        low: Int32(node.limits.lowerBound)))
                operation = .addition(UnsafePointer(addition))
            case .concatenation(let axis):
                operation = .concatenation(axis)
            }
            nodes.append(
                Node(
                    operation: operation, inputs: node.inputs, shape: shapes[index + 1], high: node.limits.upperBound))
        }
        self.nodes = nodes
        self.memory = memory
    }

    func quantize(count: Int, values: UnsafePointer<Float>, output: UnsafeMutablePointer<Int8>) {
        kernels.table.pointee.quantize(1 / graph.input.scale, Int32(graph.input.zeroPoint), count, values, output)
    }

    func dequantize(count: Int, values: UnsafePointer<Int8>, output: UnsafeMutablePointer<Float>) {
        let embedding = graph.embeddingQuantization
        kernels.table.pointee.dequantize(embedding.scale, Int32(embedding.zeroPoint), count, values, output)
    }
}
