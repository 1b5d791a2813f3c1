@testable import Inference
import Testing

/// Files with right checksums and wrong contents.
struct BundleRefusalTests {
    private func refuse(
        _ place: BundleError.Place, found: String? = nil, _ change: (inout Safetensors) -> Void,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let bytes = try Tampered(Fixtures.bundle(), change).bytes
        expect(bytes, place, found: found, sourceLocation: sourceLocation)
    }

    private func expect(
        _ bytes: [UInt8], _ place: BundleError.Place, found: String? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let error = #expect(throws: BundleError.self, sourceLocation: sourceLocation) { try ModelBundle(bytes: bytes) }
        #expect(error?.place == place, "\(error?.description ?? "")", sourceLocation: sourceLocation)
        if let found { #expect(error?.found == found, sourceLocation: sourceLocation) }
    }

    @Test(arguments: ["0", "2", "1.0", "", "one"])
    func anotherSchemaVersion(version: String) throws {
        try refuse(.field("schema_version"), found: "\"\(version)\"") { $0.metadata["schema_version"] = version }
    }

    @Test func impossibleArchitectures() throws {
        func architecture(_ key: String, _ old: String, _ new: String, at place: String) throws {
            try refuse(.field("architecture.\(place)")) {
                let text = $0.metadata["architecture"]!
                $0.metadata["architecture"] = text.replacing("\"\(key)\":\(old)", with: "\"\(key)\":\(new)")
            }
        }
        try architecture("channels", "5", "0", at: "channels")
        try architecture("channels", "5", "-5", at: "channels")
        try architecture("channels", "5", "5.0", at: "channels")
        try architecture("channels", "5", "99999999999999999999", at: "channels")
        try architecture("blocks", "3", "63", at: "blocks")
        try architecture("blocks", "3", "24", at: "blocks")
        try architecture("kernel", "3", "1", at: "kernel")
        try architecture("input_channels", "1", "2", at: "input_channels")
        try architecture("samples", "4", "0", at: "stem.samples")
        try architecture("kind", "\"patch\"", "\"events\"", at: "stem.kind")
        try architecture("mode", "\"independent\"", "\"alone\"", at: "mode")
        try architecture("family", "\"tcn\"", "\"gru\"", at: "family")
        try architecture("embedding", "3", "3,\"heads\":2", at: "heads")
    }

    @Test func anArchitectureThatItsTensorsDoNotHave() throws {
        try refuse(.tensor("stem.weight")) {
            $0.metadata["architecture"] =
                TCNArchitecture(
                    mode: .independent, patch: 4, channels: 6, blocks: 3, embedding: 3
                ).text
        }
        try refuse(.tensor("blocks.2.conv.weight")) {
            $0.tensors["blocks.2.conv.weight"] = nil
        }
        try refuse(.tensor("extra")) { $0.tensors["extra"] = Safetensors.Tensor([Int8(1)], shape: [1]) }
        try refuse(.tensor("stem.bias")) {
            $0.tensors["stem.bias"] = Safetensors.Tensor([Float](repeating: 0, count: 5), shape: [5])
        }
    }

    @Test func wrongNumbers() throws {
        try refuse(.tensor("stem.weight"), found: "-128 at 0") {
            $0.tensors["stem.weight"] = Safetensors.Tensor([Int8](repeating: -128, count: 20), shape: [5, 4, 1])
        }
        try refuse(.tensor("stem.weight_scale"), found: "-1.0 at 0") {
            $0.tensors["stem.weight_scale"] = Safetensors.Tensor([Float](repeating: -1, count: 5), shape: [5])
        }
        try refuse(.field("quantization.input.scale"), found: "1e999") {
            $0.metadata["quantization"] = $0.metadata["quantization"]!.replacing(
                /"input":\{"scale":[^,]*/, with: #""input":{"scale":1e999"#)
        }
        try refuse(.field("quantization.input.zero_point"), found: "128") {
            $0.metadata["quantization"] = $0.metadata["quantization"]!.replacing(
                /("input":\{"scale":[^,]*,"zero_point":)0/
            ) { $0.output.1 + "128" }
        }
        try refuse(.tensor("selftest.patches")) {
            $0.tensors["selftest.patches"] = Safetensors.Tensor([Float](repeating: .nan, count: 128), shape: [32, 4])
        }
    }

    @Test func wrongFields() throws {
        try refuse(.field("preprocessing.clip"), found: "0.0") {
            $0.metadata["preprocessing"] = #"{"normalisation":{"kind":"robust"},"clip":0,"default_hop":1}"#
        }
        try refuse(.field("preprocessing.default_hop"), found: "5") {
            $0.metadata["preprocessing"] = #"{"normalisation":{"kind":"robust"},"clip":8,"default_hop":5}"#
        }
        try refuse(.field("preprocessing.normalisation.kind"), found: "none") {
            $0.metadata["preprocessing"] = #"{"normalisation":{"kind":"none"},"clip":8,"default_hop":4}"#
        }
        try refuse(.field("preprocessing.normalisation.channels"), found: "an unknown key") {
            $0.metadata["preprocessing"] =
                #"{"normalisation":{"kind":"robust","channels":[]},"clip":8,"default_hop":4}"#
        }
        try refuse(.field("preprocessing.normalisation.channels"), found: "2 entries") {
            $0.metadata["preprocessing"] =
                #"{"normalisation":{"kind":"fixed","channels":[{"center":0,"scale":1},{"center":0,"scale":1}]},"clip":8,"default_hop":4}"#
        }
        try refuse(.field("name")) { $0.metadata["name"] = "two words" }
        try refuse(.field("version")) { $0.metadata["version"] = "" }
        try refuse(.field("training")) { $0.metadata["training"] = "a lot" }
        try refuse(.field("data_licence")) { $0.metadata["data_licence"] = "" }
        try refuse(.field("colour"), found: "an unknown field") { $0.metadata["colour"] = "red" }
    }

    @Test func missingFields() throws {
        for field in BundleFields.all.sorted() {
            var file = try Safetensors(bytes: Fixtures.bundle().serialized())
            file.metadata[field] = nil
            expect(file.serialized(), .field(field), found: "nothing")
        }
    }

    @Test func brokenFiles() throws {
        let bytes = try Fixtures.bundle().serialized()
        expect([], .file)
        expect([1, 2, 3, 4, 5, 6, 7], .file)
        expect([UInt8](repeating: 0xFF, count: 64), .header)
        expect(bytes + [0], .file)
        expect(Tampered.file(header: String(repeating: " ", count: 1 << 20 + 1)), .header)
        expect(Tampered.file(header: String(repeating: "[", count: 100_000)), .header)
        expect(Tampered.file(header: String(repeating: #"{"a":"#, count: 10_000)), .tensor("a"))
        expect(Tampered.file(header: #"{"__metadata__":{},"__metadata__":{}}"#), .field("__metadata__"))
        expect(Tampered.file(header: #"{"__metadata__":{"a":1}}"#), .field("a"))
        expect(Tampered.file(header: "{}"), .header)
    }

    @Test func impossibleTensors() {
        func tensor(_ entry: String, data: Int = 16) {
            expect(Tampered.file(header: #"{"__metadata__":{},"t":\#(entry)}"#, data: data), .tensor("t"))
        }
        tensor(#"{"dtype":"I8","shape":[4294967296,4294967296,4294967296],"data_offsets":[0,16]}"#)
        tensor(#"{"dtype":"I32","shape":[4611686018427387904],"data_offsets":[0,16]}"#)
        tensor(#"{"dtype":"I8","shape":[0],"data_offsets":[0,0]}"#)
        tensor(#"{"dtype":"I8","shape":[-1],"data_offsets":[0,16]}"#)
        tensor(#"{"dtype":"I8","shape":[16.0],"data_offsets":[0,16]}"#)
        tensor(#"{"dtype":"F64","shape":[2],"data_offsets":[0,16]}"#)
        tensor(#"{"dtype":"I8","shape":[16],"data_offsets":[16,0]}"#)
        tensor(#"{"dtype":"I8","shape":[16],"data_offsets":[0,15]}"#)
        tensor(#"{"dtype":"I8","shape":[16],"data_offsets":[0,16,32]}"#)
        tensor(#"{"dtype":"I8","shape":[16],"data_offsets":[9223372036854775807,9223372036854775807]}"#)
        tensor(#"{"dtype":"I8","shape":[15],"data_offsets":[1,16]}"#)
        tensor(#"{"dtype":"I8","shape":[17],"data_offsets":[0,17]}"#)
        tensor(#"{"dtype":"I8","shape":[16]}"#)
        tensor("[]")
    }

    /// Before anything is made of them, by the tensor's own name.
    @Test(arguments: [
        ("[0,4,1]", "positive integers"), ("[5,0,1]", "positive integers"),
        ("[4294967296,4294967296,1]", "a size that fits 64 bits"),
        ("[5,9223372036854775807,2]", "a size that fits 64 bits"),
    ])
    func sizesThatNoLayerMayHave(shape: String, expected: String) {
        for name in ["stem.weight", "blocks.7.conv.weight"] {
            let header = #"{"__metadata__":{},"\#(name)":{"dtype":"I8","shape":\#(shape),"data_offsets":[0,16]}}"#
            let error = #expect(throws: BundleError.self) {
                try ModelBundle(bytes: Tampered.file(header: header, data: 16))
            }
            #expect(error?.place == .tensor(name) && error?.expected == expected)
        }
    }

    /// A ring of (k − 1)·2^N frames a block: what a lane would have to keep is said, not allocated.
    @Test func dilationsBeyondWhatALaneMayKeep() throws {
        for blocks in [22, 24] {
            var architecture = Fixtures.small
            architecture.blocks = blocks
            let error = #expect(throws: BundleError.self) { try architecture.validate() }
            #expect(error?.place == .field("architecture.blocks"))
            #expect(error?.found.contains("dilated up to 2^\(blocks - 1)") == true)
        }
    }

    @Test func overlapsAndGaps() {
        func pair(_ first: String, _ second: String) -> [UInt8] {
            Tampered.file(
                header: #"{"__metadata__":{},"a":{"dtype":"I8","shape":[8],"data_offsets":\#(first)},"#
                    + #""b":{"dtype":"I8","shape":[8],"data_offsets":\#(second)}}"#, data: 16)
        }
        expect(pair("[0,8]", "[4,12]"), .tensor("b"))
        expect(pair("[0,8]", "[0,8]"), .tensor("b"))
        expect(pair("[8,16]", "[9,17]"), .tensor("a"))
    }
}
