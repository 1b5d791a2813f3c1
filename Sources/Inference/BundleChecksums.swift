internal import SedgeCore

/// The checksums in a bundle: one for every field and every tensor, so that damage names its place.
enum BundleChecksums {
    /// Adds the two fields to the metadata.
    static func seal(_ file: inout Safetensors) {
        let text = JSONDocument.object(expected(of: file).mapValues(JSONDocument.string)).text
        file.metadata[BundleFields.checksums] = text
        file.metadata[BundleFields.checksumsCRC32] = hexadecimal(text.utf8)
    }

    /// Throws unless every field and every tensor has its checksum, matches it, and no checksum is left over.
    static func verify(_ file: Safetensors) throws(BundleError) {
        let text = file.metadata[BundleFields.checksums]!
        let own = file.metadata[BundleFields.checksumsCRC32]!
        guard own == hexadecimal(text.utf8) else {
            throw BundleError(
                .field(BundleFields.checksums), found: "checksum \(hexadecimal(text.utf8))",
                expected: "\(own.prefix(20)), as \(BundleFields.checksumsCRC32) says")
        }
        let reader = try BundleFieldReader(field: BundleFields.checksums, text: text)
        let expected = expected(of: file)
        for key in reader.keys where expected[key] == nil {
            throw BundleError(place(key), found: "nothing", expected: "data: there is a checksum of it")
        }
        for (key, checksum) in expected.sorted(by: { $0.key < $1.key }) {
            guard reader.keys.contains(key) else {
                throw BundleError(place(key), found: "no checksum of it", expected: checksum)
            }
            let stored = try reader.string(key)
            guard stored == checksum else {
                throw BundleError(place(key), found: "checksum \(checksum)", expected: String(stored.prefix(20)))
            }
        }
    }

    private static func expected(of file: Safetensors) -> [String: String] {
        var checksums: [String: String] = [:]
        for field in BundleFields.checksummed {
            checksums["field:\(field)"] = hexadecimal(file.metadata[field]!.utf8)
        }
        for (name, tensor) in file.tensors { checksums["tensor:\(name)"] = hexadecimal(tensor.bytes) }
        return checksums
    }

    private static func place(_ key: String) -> BundleError.Place {
        if key.hasPrefix("tensor:") { return .tensor(String(key.dropFirst(7))) }
        return .field(key.hasPrefix("field:") ? String(key.dropFirst(6)) : key)
    }

    /// CRC-32 in 8 lower-case digits.
    static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
        CRC32.checksum(bytes).hexadecimal
    }
}
