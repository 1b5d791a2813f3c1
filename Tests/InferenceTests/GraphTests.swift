import CAllocations
import SedgeCore
import Testing

@testable import Inference

/// Graphs by hand: what they compute, what is refused, and what a step allocates.
struct GraphTests {
    private static let unit = ActivationQuantization(scale: 1, zeroPoint: 0)

    /// Weights of 1, so that sums can be done in the head.
    private static func convolution(
        inputs: Int = 1, outputs: Int = 1, taps: Int, dilation: Int = 1, stride: Int = 1, before: Int = 0,
        after: Int = 0, isDepthwise: Bool = false
    ) -> QuantizedGraph.Operation {
        .convolution(
            .init(
                layer: QuantizedConvolution(
                    outputs: outputs, inputs: isDepthwise ? 1 : inputs, taps: taps,
                    weight: Array(repeating: 1, count: outputs * (isDepthwise ? 1 : inputs) * taps),
                    weightScale: Array(repeating: 1, count: outputs), bias: Array(repeating: 0, count: outputs)),
                isDepthwise: isDepthwise, dilation: dilation, stride: stride, before: before, after: after))
    }

    private static func graph(
        _ context: QuantizedGraph.Context, samples: Int, channels: Int = 1, _ nodes: [QuantizedGraph.Node]
    ) -> QuantizedGraph {
        QuantizedGraph(
            context: context, inputShape: .init(frames: samples, channels: channels), input: unit, nodes: nodes)
    }

    private static func node(
        _ operation: QuantizedGraph.Operation, _ inputs: Int..., limits: ClosedRange<Int8> = -128...127
    ) -> QuantizedGraph.Node {
        .init(operation: operation, inputs: inputs, limits: limits, output: unit)
    }

    private static func run(_ graph: QuantizedGraph, _ patches: [Float]) throws -> [Int8] {
        try GraphEncoder(graph, kernels: .scalar).bytes(ofSteps: patches)
    }

    @Test func aStreamSeesItsPastWhereAWindowSeesZeros() throws {
        let nodes = [Self.node(Self.convolution(taps: 3, dilation: 2, before: 4), 0)]
        #expect(try Self.run(Self.graph(.stream, samples: 1, nodes), [1, 2, 3, 4, 5, 6]) == [1, 2, 4, 6, 9, 12])
        #expect(try Self.run(Self.graph(.stream, samples: 2, nodes), [1, 2, 3, 4, 5, 6]) == [2, 6, 12])
        #expect(try Self.run(Self.graph(.window, samples: 2, nodes), [1, 2, 3, 4, 5, 6]) == [2, 4, 6])
    }

    @Test func stridesCropsAndChannels() throws {
        // The patch is (channel, sample): 1 2 3 4 and 10 20 30 40.
        let patch: [Float] = [1, 2, 3, 4, 10, 20, 30, 40]
        func newest(_ operation: QuantizedGraph.Operation, limits: ClosedRange<Int8> = -128...127) throws -> [Int8] {
            try Self.run(
                Self.graph(.window, samples: 4, channels: 2, [Self.node(operation, 0, limits: limits)]), patch)
        }
        #expect(try newest(Self.convolution(inputs: 2, taps: 2)) == [77])
        #expect(try newest(Self.convolution(outputs: 2, taps: 4, isDepthwise: true)) == [10, 100])
        #expect(try newest(Self.convolution(outputs: 2, taps: 1, after: -3, isDepthwise: true)) == [1, 10])
        #expect(try newest(Self.convolution(outputs: 2, taps: 1, stride: 2, isDepthwise: true)) == [3, 30])
        #expect(try newest(Self.convolution(outputs: 2, taps: 2, after: 1, isDepthwise: true)) == [4, 40])
        #expect(try newest(Self.convolution(inputs: 2, taps: 4), limits: -128...50) == [50])
    }

    @Test func sumsAndJoins() throws {
        let nodes = [
            Self.node(Self.convolution(taps: 1), 0), Self.node(.addition, 0, 1),
            Self.node(.concatenation(.channel), 1, 2),
        ]
        #expect(try Self.run(Self.graph(.window, samples: 2, nodes), [5, 7]) == [7, 14])
        let time = [Self.node(.concatenation(.time), 0, 0), Self.node(Self.convolution(taps: 4), 1)]
        #expect(try Self.run(Self.graph(.window, samples: 2, time), [5, 7]) == [24])
    }

    @Test func impossibleGraphsAreRefused() {
        func refused(_ graph: QuantizedGraph, at place: String, sourceLocation: SourceLocation = #_sourceLocation) {
            let error = #expect(throws: BundleError.self, sourceLocation: sourceLocation) { try graph.validate() }
            #expect(error?.place == .field(place), "\(error?.description ?? "")", sourceLocation: sourceLocation)
        }
        func one(_ context: QuantizedGraph.Context, _ operation: QuantizedGraph.Operation) -> QuantizedGraph {
            Self.graph(context, samples: 4, [Self.node(operation, 0)])
        }
        let place = "architecture.operations.0"
        refused(Self.graph(.window, samples: 4, []), at: "architecture.operations")
        refused(Self.graph(.window, samples: 0, [Self.node(Self.convolution(taps: 1), 0)]), at: "architecture.samples")
        refused(one(.window, Self.convolution(taps: 5)), at: "\(place).taps")
        refused(one(.window, Self.convolution(taps: 1, stride: 0)), at: "\(place).stride")
        refused(one(.window, Self.convolution(taps: 1, dilation: 0)), at: "\(place).dilation")
        refused(one(.window, Self.convolution(taps: 1, before: 70_000)), at: "\(place).before")
        refused(one(.window, Self.convolution(inputs: 2, taps: 1)), at: "\(place).outputs")
        refused(one(.stream, Self.convolution(taps: 3, before: 1)), at: "\(place).before")
        refused(one(.stream, Self.convolution(taps: 2, before: 1, after: 1)), at: "\(place).after")
        refused(one(.stream, Self.convolution(taps: 1, before: -1)), at: "\(place).before")
        refused(one(.window, .addition), at: "\(place).right")
        refused(one(.window, .concatenation(.channel)), at: "\(place).inputs")
        refused(Self.graph(.stream, samples: 4, [Self.node(.concatenation(.time), 0, 0)]), at: "\(place).axis")
        refused(Self.graph(.window, samples: 4, [Self.node(.addition, 0, 1)]), at: "\(place).input")
        refused(Self.graph(.window, samples: 4, [Self.node(.addition, 0, -1)]), at: "\(place).input")
        var joined = Self.graph(.window, samples: 4, [Self.node(.concatenation(.channel), 0, 0)])
        joined.nodes[0].output.scale = 2
        refused(joined, at: "quantization.operations.0")
        joined.nodes[0].output.scale = .nan
        refused(joined, at: "quantization.operations.0")
        // 4096 channels of 8192 slots: more state than a lane may have.
        let wide = Self.node(Self.convolution(outputs: 4096, taps: 1), 0)
        let long = Self.node(
            Self.convolution(outputs: 4096, taps: 2, dilation: 4096, before: 4096, isDepthwise: true), 1)
        refused(Self.graph(.stream, samples: 1, [wide, long]), at: "architecture.operations.1")
    }

    @Test func aWarmStepAllocatesNothing() throws {
        let nodes = [
            Self.node(Self.convolution(outputs: 20, taps: 3, before: 2), 0),
            Self.node(Self.convolution(outputs: 20, taps: 5, dilation: 3, before: 12, isDepthwise: true), 1),
            Self.node(.addition, 1, 2), Self.node(.concatenation(.channel), 1, 3),
        ]
        let encoder = try GraphEncoder(Self.graph(.stream, samples: 2, nodes), kernels: .scalar)
        let lanes = (0..<150).map { _ in encoder.addLane() }
        let patches = [Float](repeating: 0.5, count: lanes.count * 2)
        var embeddings = [Float](repeating: 0, count: lanes.count * 40)
        var output = embeddings.mutableSpan
        var before = 0
        for step in 0..<50 {
            if step == 10 { before = allocations_of_this_thread() }
            encoder.step(
                lanes: lanes.span.extracting(0..<step * 7 % lanes.count + 1), patches: patches.span,
                embeddings: &output)
        }
        let allocated = allocations_of_this_thread() - before
        #expect(allocated == 0)
    }
}
