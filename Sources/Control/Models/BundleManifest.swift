import SedgeCore

/// The payload of a `manifest` envelope: a bundle's parts by their digests, so that each part can be checked by itself
/// as it comes, in any order, over any number of connections.
package struct BundleManifest: Hashable, Sendable {
    /// Of the whole bundle.
    package let digest: ContentDigest
    package let size: Int
    /// Bytes of every part but the last.
    package let partSize: Int
    package let parts: [ContentDigest]

    /// As large as a bundle may be.
    package static let maximumSize = 64 << 20
    package static let partSizes = 1024...(512 << 10)

    package init(bundle: [UInt8], partSize: Int = 64 << 10) {
        precondition(Self.partSizes.contains(partSize), "parts have 1 kB to 512 kB, found \(partSize)")
        digest = ContentDigest(of: bundle)
        size = bundle.count
        self.partSize = partSize
        parts = Self.split(bundle, partSize).map { ContentDigest(of: $0) }
    }

    package init(json: [UInt8]) throws(Refusal) {
        guard let tree = try? JSONParser.parse(json[...]), case .object(let members) = tree,
            Set(members.keys) == ["digest", "size", "part_size", "parts"],
            case .string(let digestText)? = members["digest"], let digest = ContentDigest(digestText),
            case .number(let sizeText)? = members["size"], let size = Int(sizeText),
            case .number(let partText)? = members["part_size"], let partSize = Int(partText),
            case .array(let items)? = members["parts"]
        else { throw .unusable("the manifest: expected digest, size, part_size and parts") }
        guard (1...Self.maximumSize).contains(size), Self.partSizes.contains(partSize),
            items.count == (size + partSize - 1) / partSize
        else { throw .unusable("the manifest: its size and its parts do not fit together") }
        parts = items.compactMap { if case .string(let text) = $0 { ContentDigest(text) } else { nil } }
        guard parts.count == items.count else { throw .unusable("the manifest: expected a digest for each part") }
        self.digest = digest
        self.size = size
        self.partSize = partSize
    }

    package func json() -> [UInt8] {
        let members: [String: JSONDocument] = [
            "digest": .string("\(digest)"), "size": .number("\(size)"), "part_size": .number("\(partSize)"),
            "parts": .array(parts.map { .string("\($0)") }),
        ]
        return Array(JSONDocument.object(members).text.utf8)
    }

    /// A bundle in parts.
    package static func split(_ bundle: [UInt8], _ partSize: Int) -> [[UInt8]] {
        stride(from: 0, to: bundle.count, by: partSize).map { Array(bundle[$0..<min($0 + partSize, bundle.count)]) }
    }

    /// Whether these bytes are the part of this number.
    package func isPart(_ number: Int, _ bytes: [UInt8]) -> Bool {
        parts.indices.contains(number) && bytes.count == length(of: number) && ContentDigest(of: bytes) == parts[number]
    }

    package func length(of number: Int) -> Int { min(partSize, size - number * partSize) }
}
