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

    /// Twelve bytes of data for tensors `a` and `b`.
    private func read(_ a: (size: Int, begin: Int), _ b: (size: Int, begin: Int)) throws(ImportError) -> Int {
        func entry(_ tensor: (size: Int, begin: Int)) -> String {
            let end = tensor.begin + 4 * tensor.size
            return #"{"dtype":"F32","shape":[\#(tensor.size)],"data_offsets":[\#(tensor.begin),\#(end)]}"#
        }
        let header = Array(#"{"a":\#(entry(a)),"b":\#(entry(b))}"#.utf8)
        let length = withUnsafeBytes(of: UInt64(header.count).littleEndian) { Array($0) }
        return try SafetensorsFile.read(length + header + [UInt8](repeating: 0, count: 12)).count
    }

    @Test func noByteIsOfTwoTensors() throws {
        #expect(try read((2, 0), (1, 8)) == 2)
        #expect(try read((3, 0), (0, 0)) == 2)
        let error = #expect(throws: ImportError.self) { try read((2, 0), (2, 4)) }
        #expect(error?.place == "tensor \"b\"")
    }

    @Test func halfPrecisionIsRead() {
        #expect(
            [0x3C00, 0xC000, 0x0001, 0x7BFF, 0x7C00].map { Tensor.half($0) } == [1, -2, 0x1p-24, 65504, .infinity])
        #expect(Tensor.half(0x7E00).isNaN)
    }
}
