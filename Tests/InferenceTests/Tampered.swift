@testable import Inference

/// A bundle's file with parts replaced and the checksums made right again: what a careless writer could make.
struct Tampered {
    let bytes: [UInt8]

    init(_ bundle: ModelBundle, _ change: (inout Safetensors) throws -> Void) throws {
        var file = try Safetensors(bytes: bundle.serialized())
        try change(&file)
        BundleChecksums.seal(&file)
        bytes = file.serialized()
    }

    /// A file with a header of this text and so much data.
    static func file(header: String, data: Int = 0) -> [UInt8] {
        withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Array($0) } + Array(header.utf8)
            + [UInt8](repeating: 0, count: data)
    }
}
