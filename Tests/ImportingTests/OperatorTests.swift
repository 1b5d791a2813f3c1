@testable import Importing
import Testing

/// What single operators make of a window of 16 frames of 2 channels.
struct OperatorTests {
    private static func lowered(
        _ nodes: [TensorGraph.Node], constants: [String: Tensor] = [:]
    ) throws -> LoweredModel {
        try LoweredModel(
            RefusalTests.model(nodes, constants: constants), input: ModelInput(order: .channelsFirst))
    }

    @Test(
        arguments: [
            ([:], [1, 2, 16]), (["start": 1], [2, 16]), (["start": -1], [16]), (["start": 1, "end": -1], [2]),
            (["start": -9, "end": 9], [1, 2, 16]), (["start": 2, "end": 1], []),
        ] as [([String: Int], [Int])])
    func shapeGivesTheSizesItIsAskedFor(limits: [String: Int], sizes: [Int]) throws {
        let node = RefusalTests.node("Shape", ["c"], ["y"], limits.mapValues(TensorGraph.Attribute.integer))
        let constant = Tensor([Float](repeating: 0, count: 32), shape: [1, 2, 16])
        let reader = NodeReader(node: node, operation: .shape, inputs: [.constant(constant)], operatorSet: 15)
        #expect(try ConstantFolding.fold(reader) == Tensor(sizes, shape: [sizes.count]))
    }

    /// As PyTorch writes `x.reshape(1, *x.shape[1:])`.
    @Test func theShapeOfTheInputIsCutToo() throws {
        let model = try Self.lowered(
            [
                RefusalTests.node("Shape", ["x"], ["s"], ["start": .integer(1)]),
                RefusalTests.node("Concat", ["one", "s"], ["t"], ["axis": .integer(0)]),
                RefusalTests.node("Reshape", ["x", "t"]),
            ], constants: ["one": Tensor([1], shape: [1])])
        #expect(model.output.shape == [1, 2, 16])
    }

    @Test(arguments: [(0, FrameGraph.Shape(frames: 1, channels: 1)), (1, FrameGraph.Shape(frames: 16, channels: 2))])
    func noAxesMeanAllUnlessTheyMeanNone(noop: Int, shape: FrameGraph.Shape) throws {
        let model = try Self.lowered(
            [RefusalTests.node("ReduceMean", ["x", "axes"], ["y"], ["noop_with_empty_axes": .integer(noop)])],
            constants: ["axes": Tensor([Int](), shape: [0])])
        #expect(model.graph.output == shape)
    }

    /// What PyTorch's `squeeze` leaves has no place for a second window.
    @Test func aReferenceNeedsABatchAxis() throws {
        let model = try Self.lowered([
            RefusalTests.node("GlobalAveragePool", ["x"], ["a"]), RefusalTests.node("Squeeze", ["a"]),
        ])
        let error = #expect(throws: ImportError.self) {
            try model.outputs(Tensor([1, 2] as [Float], shape: [2]), place: "reference output")
        }
        #expect(error?.found == "a model that has (channel 2) there")
    }
}
