internal import SedgeCore

/// The keys of a bundle's `__metadata__` and the rules for the plain ones.
enum BundleFields {
    static let schemaVersion = "schema_version"
    static let name = "name"
    static let version = "version"
    static let training = "training"
    static let dataLicence = "data_licence"
    static let checksums = "checksums"
    static let checksumsCRC32 = "checksums_crc32"

    /// Every field has a checksum but those that carry them.
    static let checksummed = [
        schemaVersion, name, version, TCNArchitecture.field, QuantizedTCN.field, BundlePreprocessing.field, training,
        dataLicence,
    ]
    static let all = checksummed + [checksums, checksumsCRC32]

    static func validate(
        name: String, version: String, training: String, dataLicence: String
    ) throws(BundleError) {
        for (field, text) in [(Self.name, name), (Self.version, version)] {
            guard (1...64).contains(text.utf8.count), text.utf8.allSatisfy(isNameByte) else {
                throw BundleError(
                    .field(field), found: "\"\(text.prefix(80))\"", expected: "1 to 64 characters of A-Z a-z 0-9 . _ -")
            }
        }
        _ = try BundleFieldReader(field: Self.training, text: training)
        guard !dataLicence.isEmpty else {
            throw BundleError(.field(Self.dataLicence), found: "nothing", expected: "the licence of the training data")
        }
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ".") || Identifier<Never>.isAllowed(byte)
    }
}
