@testable import Importing
import Testing

/// Real exporters' models give what ONNX Runtime gives.
struct FloatTests {
    @Test(arguments: Fixture.float)
    func floatModelsAgreeWithONNXRuntime(fixture: Fixture) throws {
        let model = try fixture.lowered()
        var graph = model.graph
        for simplified in [false, true] {
            if simplified { graph.simplify(cropsStart: true) }
            let difference = try model.largestDifference(graph, input: fixture.input(), expected: fixture.output())
            #expect(difference < 1e-4, "simplified: \(simplified)")
        }
    }

    /// Nothing is left of batch norms, limits, paddings, and shapes.
    @Test(arguments: [
        ("torch_tcn", 11), ("torch_chomp", 12), ("torch_resnet", 9), ("torch_inception", 11), ("tf_window", 7),
        ("tf_causal", 11),
    ])
    func simplifyingLeavesWhatMustBeComputed(name: String, operations: Int) throws {
        var graph = try Fixture(name).lowered().graph
        graph.simplify(cropsStart: true)
        #expect(graph.nodes.count == operations, "\(graph.nodes.map(\.name))")
    }
}
