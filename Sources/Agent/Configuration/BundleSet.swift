package import Inference
package import SedgeCore

/// The bundles that a configuration names, read and checked.
package struct BundleSet: Sendable {
    /// A bundle and the file that it was read from.
    struct Entry {
        let bundle: EncoderBundle
        let stamp: FileStamp
    }

    private let entries: [String: Entry]
    private let standardName: String

    /// - Parameter known: what is in use, which need not be read again where the file is the same.
    /// - Throws: `ConfigurationError` where a name is nowhere found, else what reading a bundle throws.
    package init(_ configuration: Configuration, known: BundleSet? = nil) throws {
        standardName = configuration.inference.bundle
        var entries: [String: Entry] = [:]
        for (key, name) in Self.names(configuration) where entries[name] == nil {
            let stamp: FileStamp
            do {
                stamp = FileStamp(try BundleFile.locate(name))
            } catch {
                throw ConfigurationError(path: key, found: "\"\(name)\"", expected: "\(error)")
            }
            if let entry = known?.entries[name], entry.stamp == stamp {
                entries[name] = entry
            } else {
                do {
                    entries[name] = Entry(bundle: try BundleFile.encoder(name), stamp: stamp)
                } catch let error as BundleError {
                    throw AgentError(.data, "\(key) = \"\(name)\": \(error)")
                }
            }
        }
        self.entries = entries
    }

    /// Bundles that no file holds, by the name that a configuration would use.
    init(standard: EncoderBundle, named name: String, others: [String: EncoderBundle] = [:]) {
        standardName = name
        entries = others.merging([name: standard]) { $1 }.mapValues { Entry(bundle: $0, stamp: .absent) }
    }

    package var standard: EncoderBundle { self[standardName] }

    /// By the name that the configuration uses.
    package subscript(name: String) -> EncoderBundle {
        guard let entry = entries[name] else { preconditionFailure("no configuration names \(name)") }
        return entry.bundle
    }

    package func bundle(for stream: StreamConfiguration) -> EncoderBundle { self[stream.bundle ?? standardName] }

    /// By name.
    package var all: [String: EncoderBundle] { entries.mapValues(\.bundle) }

    /// With the keys that name them.
    private static func names(_ configuration: Configuration) -> [(key: String, name: String)] {
        [("inference.bundle", configuration.inference.bundle)]
            + configuration.streams.enumerated().compactMap { index, stream in
                stream.bundle.map { ("stream[\(index)].bundle", $0) }
            }
    }
}
