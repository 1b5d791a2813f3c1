import FoundationEssentials

/// Reads safetensors files (https://github.com/huggingface/safetensors) of any real or integer type.
package enum SafetensorsFile {
    static let maximumHeader = 16 << 20

    /// A tensor's entry in the header.
    private struct Entry: Decodable {
        let dtype: String
        let shape: [Int]
        let data_offsets: [Int]

        /// The order in which tensors lie; of one that is empty and its neighbour, the empty one first.
        func place(_ name: String) -> (Int, Int, String) {
            (data_offsets.first ?? 0, data_offsets.last ?? 0, name)
        }
    }

    /// Keys are the tensors' names; `__metadata__` is passed over.
    private struct Header: Decodable {
        struct Key: CodingKey {
            let stringValue: String
            var intValue: Int? { nil }
            init(stringValue: String) { self.stringValue = stringValue }
            init?(intValue: Int) { nil }
        }

        var entries: [String: Entry] = [:]

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Key.self)
            for key in container.allKeys where key.stringValue != "__metadata__" {
                entries[key.stringValue] = try container.decode(Entry.self, forKey: key)
            }
        }
    }

    package static func read(_ bytes: [UInt8]) throws(ImportError) -> [String: Tensor] {
        guard bytes.count >= 8 else {
            throw ImportError("file", found: "\(bytes.count) bytes", expected: "a safetensors file")
        }
        let length = bytes.withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self)) }
        guard length <= maximumHeader, Int(length) <= bytes.count - 8 else {
            throw ImportError(
                "file", found: "a header of \(length) bytes in \(bytes.count)",
                expected: "a whole safetensors file with a header of at most \(maximumHeader) bytes")
        }
        let start = 8 + Int(length)
        let header: Header
        do {
            header = try JSONDecoder().decode(Header.self, from: Data(bytes[8..<start]))
        } catch {
            throw ImportError("header", found: "\(JSONTrouble(error))", expected: "a safetensors header")
        }
        var tensors: [String: Tensor] = [:]
        var end = 0
        for (name, entry) in header.entries.sorted(by: { $0.value.place($0.key) < $1.value.place($1.key) }) {
            let place = "tensor \(ImportError.quoted(name))"
            guard let element = element(entry.dtype) else {
                throw ImportError(
                    place, found: "dtype \(entry.dtype.prefix(20))",
                    expected: "F16, BF16, F32, F64, BOOL or integers of 8 to 64 bits")
            }
            let range = entry.data_offsets
            guard range.count == 2, range[0] >= 0, range[0] <= range[1], range[1] <= bytes.count - start else {
                throw ImportError(
                    place, found: "data_offsets \(range.prefix(4))", expected: "[begin, end] within the file")
            }
            // Or a short file has any number of large tensors.
            guard range[0] >= end else {
                throw ImportError(
                    place, found: "data from \(range[0])", expected: "from \(end) on, behind another tensor's")
            }
            end = range[1]
            tensors[name] = try Tensor(
                littleEndian: bytes[start + range[0]..<start + range[1]], element: element, shape: entry.shape,
                place: place)
        }
        return tensors
    }

    private static func element(_ name: String) -> Tensor.Element? {
        switch name {
        case "F16": .float16
        case "BF16": .bfloat16
        case "F32": .float32
        case "F64": .float64
        case "I8": .int8
        case "U8": .uint8
        case "I16": .int16
        case "U16": .uint16
        case "I32": .int32
        case "U32": .uint32
        case "I64": .int64
        case "BOOL": .bool
        default: nil
        }
    }
}
