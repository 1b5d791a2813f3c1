@testable import Importing
import SedgeCore
import Testing

/// What can not be imported is refused with the node, what was found, and what is supported.
struct RefusalTests {
    static func model(
        _ nodes: [TensorGraph.Node], constants: [String: Tensor] = [:], shape: [Int?] = [1, 2, 16]
    ) -> TensorGraph {
        TensorGraph(
            inputs: [TensorGraph.Input(name: "x", shape: shape)], outputs: ["y"], nodes: nodes, constants: constants,
            operatorSet: 13, producer: "test")
    }

    static func node(
        _ operation: String, _ inputs: [String], _ outputs: [String] = ["y"],
        _ attributes: [String: TensorGraph.Attribute] = [:]
    ) -> TensorGraph.Node {
        TensorGraph.Node(
            name: "n", operation: operation, inputs: inputs, outputs: outputs, attributes: attributes)
    }

    private func refuse(
        _ model: TensorGraph, _ parts: String..., sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let error = #expect(throws: ImportError.self, sourceLocation: sourceLocation) {
            _ = try ModelImporter(model, input: ModelInput(order: .channelsFirst))
        }
        for part in parts {
            #expect(
                error?.description.contains(part) == true, "\(error?.description ?? "")", sourceLocation: sourceLocation
            )
        }
    }

    @Test func anUnknownOperatorNamesItsNodeAndWhatIsSupported() {
        refuse(Self.model([Self.node("LSTM", ["x"])]), "node \"n\" (LSTM)", "GlobalAveragePool", "QuantizeLinear")
        refuse(Self.model([Self.node("Softmax", ["x"])]), "Softmax")
    }

    @Test func brokenGraphs() {
        refuse(
            Self.model([
                Self.node("Add", ["x", "b"], ["a"]), Self.node("Relu", ["a"], ["b"]), Self.node("Relu", ["b"]),
            ]),
            "cycle")
        refuse(Self.model([Self.node("Add", ["x", "w"])]), "\"w\" that nothing makes")
        refuse(Self.model([Self.node("Relu", ["x"]), Self.node("Relu", ["x"])]), "something else makes too")
        refuse(Self.model([Self.node("Relu", ["x"], ["z"])]), "no node that makes it")
        refuse(Self.model([Self.node("Conv", ["x"])]), "no input 1")
        refuse(Self.model([Self.node("Constant", [], ["y"], ["value": .integer(3)])]), "0 inputs that matter")
    }

    @Test func wrongShapes() {
        let weight = { (shape: [Int]) in Tensor([Float](repeating: 1, count: shape.reduce(1, *)), shape: shape) }
        func conv(_ shape: [Int], _ attributes: [String: TensorGraph.Attribute] = [:]) -> TensorGraph {
            Self.model([Self.node("Conv", ["x", "w"], ["y"], attributes)], constants: ["w": weight(shape)])
        }
        refuse(conv([4, 3, 3]), "a weight of shape [4, 3, 3]")
        refuse(conv([4, 2]), "both of 3 or 4 dimensions")
        refuse(conv([4, 2, 99]), "expected at least 99")
        refuse(conv([4, 2, 3], ["strides": .integers([0])]), "stride")
        refuse(conv([4, 2, 3], ["dilations": .integers([1 << 40])]), "dilations")
        refuse(conv([4, 2, 3], ["pads": .integers([-1, 0])]), "pads")
        refuse(conv([4, 2, 3], ["group": .integer(0)]), "0 groups")
        refuse(
            Self.model([Self.node("MatMul", ["x", "w"])], constants: ["w": weight([16, 4])]), "a product over an axis")
        refuse(
            Self.model([Self.node("Reshape", ["x", "s"])], constants: ["s": Tensor([1, 8, 4], shape: [3])]),
            "splits neither time nor channels")
        refuse(
            Self.model([Self.node("Reshape", ["x", "s"])], constants: ["s": Tensor([Int.max, 4], shape: [2])]), "shape")
        refuse(Self.model([Self.node("Mul", ["x", "x"])]), "a product of two values")
        refuse(
            Self.model([Self.node("Pad", ["x", "p"])], constants: ["p": Tensor([0, 1, 0, 0, 0, 0], shape: [6])]),
            "padding of time only")
        refuse(Self.model([Self.node("Relu", ["x"])], shape: [4, 2, 16]), "a batch of 1")
        refuse(Self.model([Self.node("Relu", ["x"])], shape: [1, nil, 16]), "a free number of channels")
        refuse(Self.model([Self.node("Relu", ["x"])], shape: [1, 65536, 65536]), "at most 65536 values")
        refuse(Self.model([Self.node("GlobalAveragePool", ["x"])], shape: [1, 2, nil]), "--window")
    }

    /// Only the newest frame becomes an embedding, so nothing else may stand on the channels' axis.
    @Test func aFlattenedWindowIsNoEmbedding() {
        refuse(Self.model([Self.node("Flatten", ["x"])]), "output \"y\"", "(1, channel 2·time 16)", "--output")
    }

    @Test func integersThatDependOnTheInput() {
        refuse(Self.model([Self.node("Cast", ["x"], ["y"], ["to": .integer(7)])]), "data type 7", "a real type")
    }

    @Test func moreThanABundleCanHold() {
        let wide = Tensor([Int](repeating: 0, count: 5000), shape: [5000])
        refuse(
            Self.model([Self.node("Gather", ["x", "wide"], ["y"], ["axis": .integer(1)])], constants: ["wide": wide]),
            "16 frames of 5000 channels", "at most 4096 channels")
        // Each copy counts, whether or not it shares its memory.
        var nodes = [Self.node("ConstantOfShape", ["size"], ["0"])]
        for index in 1...64 { nodes.append(Self.node("Identity", ["\(index - 1)"], ["\(index)"])) }
        nodes.append(Self.node("Add", ["x", "64"]))
        refuse(
            Self.model(nodes, constants: ["size": Tensor([1 << 22], shape: [1])]), "values in constants and weights",
            "at most \(1 << 28)")
    }

    /// A value of rank 0 has no axis 0, and of an empty axis nothing is left whatever the step.
    @Test func valuesWithoutAxes() {
        let none = Tensor([Int](), shape: [0])
        let scalar = Self.node("Reshape", ["x", "none"], ["a"])
        refuse(
            Self.model(
                [scalar, Self.node("Gather", ["a", "i"])], constants: ["none": none, "i": Tensor([0], shape: [1])],
                shape: [1, 1, 1]),
            "axis 0", "an axis of 0 dimensions")
        refuse(
            Self.model([scalar, Self.node("Pad", ["a", "none"])], constants: ["none": none], shape: [1, 1, 1]),
            "a value without axes")
        let sliced = Self.node("Slice", ["empty", "start", "end", "axis", "step"], ["none"])
        let constants = [
            "empty": none, "start": Tensor([0], shape: [1]), "end": Tensor([-5], shape: [1]),
            "axis": Tensor([0], shape: [1]), "step": Tensor([-1], shape: [1]),
        ]
        refuse(
            Self.model([sliced, scalar, Self.node("Pad", ["a", "none"])], constants: constants, shape: [1, 1, 1]),
            "a value without axes")
    }

    @Test func whatIsNoONNXFile() {
        for bytes in [[], [0xFF, 0xFF], Array("hello".utf8)] as [[UInt8]] {
            #expect(throws: ImportError.self) { try ONNXModel.read(bytes) }
        }
    }
}
