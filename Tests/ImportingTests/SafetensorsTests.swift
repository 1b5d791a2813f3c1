@testable import Importing
import Testing

/// A state dictionary and a mapping give what the exported model gives.
struct SafetensorsTests {
    @Test func aMappedStateDictionaryAgreesWithONNXRuntime() throws {
        let tensors = try SafetensorsFile.read(Fixture.bytes("torch_resnet.safetensors"))
        let (source, unused) = try ModelMapping.read(Fixture.bytes("torch_resnet.mapping.json"), tensors: tensors)
        #expect(unused.allSatisfy { $0.hasSuffix("num_batches_tracked") })
        let model = try LoweredModel(source, input: ModelInput())
        let fixture = Fixture("torch_resnet")
        let difference = try model.largestDifference(
            model.graph, input: fixture.input(), expected: fixture.output())
        #expect(difference < 1e-4)
    }

    @Test(arguments: [
        (#"{"layers": []}"#, "input"),
        (#"{"input": {"channels": 3}, "layers": []}"#, "no layers"),
        (#"{"input": {"channels": 3}, "layers": [{"op": "Relu", "from": ["b"]}]}"#, "from \"b\""),
        (#"{"input": {"channels": 3}, "layers": [{"op": "Conv", "with": ["w"]}]}"#, "with \"w\""),
        (#"{"input": {"channels": 3}, "layers": [{"op": "Relu", "name": "a"}, {"op": "Relu", "name": "a"}]}"#, "taken"),
        (#"{"input": {"channels": 3}, "layers": [{"op": 7}]}"#, "layers.Index 0.op"),
        ("[", "mapping"),
    ])
    func aWrongMappingIsNamed(text: String, found: String) {
        let error = #expect(throws: ImportError.self) { try ModelMapping.read(Array(text.utf8), tensors: [:]) }
        #expect(error?.description.contains(found) == true, "\(error?.description ?? "")")
    }

    @Test func halfPrecisionIsRead() {
        #expect(
            [0x3C00, 0xC000, 0x0001, 0x7BFF, 0x7C00].map { Tensor.half($0) } == [1, -2, 0x1p-24, 65504, .infinity])
        #expect(Tensor.half(0x7E00).isNaN)
    }
}
