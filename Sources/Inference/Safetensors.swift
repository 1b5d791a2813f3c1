/// A safetensors file in memory: a map of strings and named tensors, little-endian, without gaps.
struct Safetensors {
    enum ElementType: String, CaseIterable {
        // In the order in which the writer lays tensors out, so that each stays aligned.
        case float32 = "F32"
        case int32 = "I32"
        case int8 = "I8"

        var size: Int { self == .int8 ? 1 : 4 }
    }

    struct Tensor {
        let type: ElementType
        let shape: [Int]
        let bytes: ArraySlice<UInt8>
    }

    /// Shared by the reader and the writer.
    static let metadataKey = "__metadata__"
    static let maximumHeader = 1 << 20

    var metadata: [String: String]
    var tensors: [String: Tensor]
}
