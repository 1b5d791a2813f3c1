package import Inference
import SedgeCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Finds and reads the encoder's bundle.
package enum BundleFile {
    /// Far above any bundle that a gateway could run.
    private static let sizeLimit = 64 << 20

    /// `name` is a path when it has a slash or ends in `.safetensors`, else a shipped bundle's name.
    package static func encoder(_ name: String) throws -> EncoderBundle {
        try EncoderBundle(bytes: FileBytes.read(locate(name), limit: sizeLimit))
    }

    /// The same, of the engine's own network alone.
    package static func read(_ name: String) throws -> ModelBundle {
        try ModelBundle(bytes: FileBytes.read(locate(name), limit: sizeLimit))
    }

    package static func locate(_ name: String) throws(BundleNotFound) -> String {
        if name.contains("/") || name.hasSuffix(".safetensors") { return name }
        let candidates = folders.map { "\($0)/\(name).safetensors" }
        guard let path = candidates.first(where: FileBytes.exists) else {
            throw BundleNotFound(name: name, searched: folders)
        }
        return path
    }

    /// `SEDGE_BUNDLES`, then beside the program, then where packages put them.
    private static var folders: [String] {
        var folders = ["/usr/local/share/sedge/bundles", "/usr/share/sedge/bundles"]
        if let program = ProgramFolder.path { folders.insert("\(program)/../share/sedge/bundles", at: 0) }
        if let folder = getenv("SEDGE_BUNDLES") { folders.insert(String(cString: folder), at: 0) }
        return folders
    }
}

/// A shipped bundle's name that no folder has.
package struct BundleNotFound: Error, CustomStringConvertible {
    let name: String
    let searched: [String]
    package var description: String {
        "a path, or a name whose .safetensors stands in \(searched.joined(separator: " or "))"
    }
}
