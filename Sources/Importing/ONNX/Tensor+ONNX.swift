import FoundationEssentials
internal import SwiftProtobuf

extension Tensor {
    /// - Parameter place: whose tensor it is, for errors.
    init(_ proto: Onnx_TensorProto, place: String) throws(ImportError) {
        guard proto.dataLocation != .external, proto.externalData.isEmpty else {
            throw ImportError(
                place, found: "data in another file",
                expected: "data in the model: save it again without external data")
        }
        guard let type = Self.element(proto.dataType) else {
            throw ImportError(
                place, found: "data type \(proto.dataType)",
                expected: "float16, bfloat16, float32, float64, an integer of 8 to 64 bits or bool")
        }
        let shape = proto.dims.map(Int.init)
        guard let count = Self.count(shape) else {
            throw ImportError(place, found: "shape \(shape)", expected: "at most \(Self.maximumCount) values")
        }
        let bytes = [UInt8](proto.rawData)
        if !bytes.isEmpty || count == 0 {
            try self.init(littleEndian: bytes[...], element: type, shape: shape, place: place)
        } else {
            try self.init(fields: proto, type, shape: shape, place: place)
        }
        guard self.count == count else {
            throw ImportError(place, found: "\(self.count) values", expected: "\(count) for shape \(shape)")
        }
    }

    /// Values in the typed fields, which small tensors use.
    private init(
        fields proto: Onnx_TensorProto, _ type: Element, shape: [Int], place: String
    ) throws(ImportError) {
        switch type {
        case .float32: self.init(proto.floatData, shape: shape)
        case .float64: self.init(proto.doubleData.map { Float($0) }, shape: shape)
        case .float16:
            self.init(proto.int32Data.map { Self.half(UInt16(truncatingIfNeeded: $0)) }, shape: shape)
        case .bfloat16:
            self.init(
                proto.int32Data.map { Float(bitPattern: UInt32(UInt16(truncatingIfNeeded: $0)) << 16) }, shape: shape)
        case .int64: self.init(proto.int64Data.map(Int.init), shape: shape, element: type)
        case .uint32: self.init(proto.uint64Data.map { Int(truncatingIfNeeded: $0) }, shape: shape, element: type)
        default: self.init(proto.int32Data.map(Int.init), shape: shape, element: type)
        }
    }

    private static func element(_ code: Int32) -> Element? {
        switch Onnx_TensorProto.DataType(rawValue: Int(code)) {
        case .float: .float32
        case .double: .float64
        case .float16: .float16
        case .bfloat16: .bfloat16
        case .int8: .int8
        case .uint8: .uint8
        case .int16: .int16
        case .uint16: .uint16
        case .int32: .int32
        case .uint32: .uint32
        case .int64: .int64
        case .bool: .bool
        default: nil
        }
    }
}
