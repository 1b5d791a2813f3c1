import SedgeCore

extension Safetensors {
    /// The file's bytes; equal contents give equal bytes.
    func serialized() -> [UInt8] {
        var header: [String: JSONDocument] = [Self.metadataKey: .object(metadata.mapValues(JSONDocument.string))]
        var data: [UInt8] = []
        for type in ElementType.allCases {
            for (name, tensor) in tensors.sorted(by: { $0.key < $1.key }) where tensor.type == type {
                let begin = data.count
                data.append(contentsOf: tensor.bytes)
                header[name] = .object([
                    "dtype": .string(type.rawValue),
                    "shape": .array(tensor.shape.map { .number("\($0)") }),
                    "data_offsets": .array([.number("\(begin)"), .number("\(data.count)")]),
                ])
            }
        }
        var text = Array(JSONDocument.object(header).text.utf8)
        text.append(contentsOf: repeatElement(UInt8(ascii: " "), count: (8 - text.count % 8) % 8))
        var file: [UInt8] = []
        file.reserveCapacity(8 + text.count + data.count)
        withUnsafeBytes(of: UInt64(text.count).littleEndian) { file.append(contentsOf: $0) }
        file.append(contentsOf: text)
        file.append(contentsOf: data)
        return file
    }
}
