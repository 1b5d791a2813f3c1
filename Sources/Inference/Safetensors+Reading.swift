import SedgeCore

extension Safetensors {
    /// A tensor's entry in the header.
    fileprivate struct Entry {
        let name: String
        let type: ElementType
        let shape: [Int]
        let begin: Int
        let end: Int
    }

    init(bytes: [UInt8]) throws(BundleError) {
        guard bytes.count >= 8 else { throw BundleError(.file, found: "\(bytes.count) bytes", expected: "at least 8") }
        let length = bytes.withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self)) }
        guard length <= Self.maximumHeader else {
            throw BundleError(.header, found: "\(length) bytes", expected: "at most \(Self.maximumHeader)")
        }
        let start = 8 + Int(length)
        guard start <= bytes.count else {
            throw BundleError(.header, found: "\(bytes.count - 8) bytes", expected: "\(length): the file is truncated")
        }
        let members = try Self.header(bytes[8..<start])
        metadata = try Self.metadata(members[Self.metadataKey])

        var entries: [Entry] = []
        for (name, value) in members where name != Self.metadataKey {
            entries.append(try Entry(name, value))
        }
        entries.sort { ($0.begin, $0.name) < ($1.begin, $1.name) }
        tensors = [:]
        var end = 0
        for entry in entries {
            guard entry.begin == end else {
                throw BundleError(
                    .tensor(entry.name), found: "data from \(entry.begin)",
                    expected: "from \(end), without gap or overlap")
            }
            end = entry.end
            guard end <= bytes.count - start else {
                throw BundleError(
                    .tensor(entry.name), found: "\(bytes.count - start) bytes of data in the file",
                    expected: "\(end): the file is truncated")
            }
            tensors[entry.name] = Tensor(
                type: entry.type, shape: entry.shape, bytes: bytes[(start + entry.begin)..<(start + entry.end)])
        }
        guard end == bytes.count - start else {
            throw BundleError(
                .file, found: "\(bytes.count) bytes", expected: "\(start + end): nothing after the tensors")
        }
    }

    private static func header(_ bytes: ArraySlice<UInt8>) throws(BundleError) -> [String: JSONDocument] {
        let value: JSONDocument
        do {
            value = try JSONParser.parse(bytes)
        } catch {
            throw BundleError(
                place(of: error.path), found: "\(error.found) at offset \(error.offset) of the header",
                expected: error.expected)
        }
        guard case .object(let members) = value else {
            throw BundleError(.header, found: value.summary, expected: "an object")
        }
        return members
    }

    /// What a place in the header belongs to.
    private static func place(of path: [String]) -> BundleError.Place {
        switch path.first {
        case nil: .header
        case metadataKey: path.count > 1 ? .field(path[1]) : .field(metadataKey)
        case let name?: .tensor(name)
        }
    }

    private static func metadata(_ value: JSONDocument?) throws(BundleError) -> [String: String] {
        guard case .object(let members) = value else {
            throw BundleError(
                .header, found: value.map(\.summary) ?? "no \(metadataKey)", expected: "an object \(metadataKey)")
        }
        var metadata: [String: String] = [:]
        for (key, value) in members {
            guard case .string(let text) = value else {
                throw BundleError(.field(key), found: value.summary, expected: "a string")
            }
            metadata[key] = text
        }
        return metadata
    }
}

extension Safetensors.Entry {
    fileprivate init(_ name: String, _ value: JSONDocument) throws(BundleError) {
        guard case .object(let members) = value, members.count == 3,
            case .string(let dtype) = members["dtype"], case .array(let dimensions) = members["shape"],
            case .array(let offsets) = members["data_offsets"]
        else {
            throw BundleError(
                .tensor(name), found: String(value.text.prefix(100)), expected: "dtype, shape and data_offsets")
        }
        guard let type = Safetensors.ElementType(rawValue: dtype) else {
            throw BundleError(.tensor(name), found: "dtype \(dtype.prefix(20))", expected: "F32, I32 or I8")
        }
        let shape = dimensions.compactMap(Self.size)
        let range = offsets.compactMap(Self.size)
        guard shape.count == dimensions.count, !shape.contains(0) else {
            throw BundleError(.tensor(name), found: "shape \(value.text(of: "shape"))", expected: "positive integers")
        }
        guard range.count == 2, offsets.count == 2, range[0] <= range[1] else {
            throw BundleError(
                .tensor(name), found: "data_offsets \(value.text(of: "data_offsets"))", expected: "[begin, end]")
        }
        var count = type.size
        for dimension in shape {
            let (product, overflow) = count.multipliedReportingOverflow(by: dimension)
            guard !overflow else {
                throw BundleError(
                    .tensor(name), found: "shape \(value.text(of: "shape"))",
                    expected: "a size that fits \(Int.bitWidth) bits")
            }
            count = product
        }
        guard range[1] - range[0] == count else {
            throw BundleError(
                .tensor(name), found: "\(range[1] - range[0]) bytes by data_offsets", expected: "\(count) by its shape")
        }
        self.init(name: name, type: type, shape: shape, begin: range[0], end: range[1])
    }

    /// A size or offset: an integer that is not negative.
    private static func size(_ value: JSONDocument) -> Int? {
        guard case .number(let digits) = value, let size = Int(digits), size >= 0 else { return nil }
        return size
    }
}

extension JSONDocument {
    fileprivate func text(of key: String) -> String {
        guard case .object(let members) = self, let value = members[key] else { return "nothing" }
        return String(value.text.prefix(80))
    }
}
