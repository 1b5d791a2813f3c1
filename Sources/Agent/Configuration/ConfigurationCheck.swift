import Control
package import Inference
import Ingest
package import SedgeCore

/// What only shows when the parts are put together: patterns, codecs, hops against the bundle's patch.
package enum ConfigurationCheck {
    package static func check(
        _ configuration: Configuration, against bundle: EncoderBundle
    ) throws(ConfigurationError) {
        try check(configuration) { _ in bundle }
    }

    package static func check(_ configuration: Configuration, against bundles: BundleSet) throws(ConfigurationError) {
        try check(configuration) { bundles.bundle(for: $0) }
    }

    private static func check(
        _ configuration: Configuration, bundle: (StreamConfiguration) -> EncoderBundle
    ) throws(ConfigurationError) {
        // A key that is cut short would leave the node out of everybody's reach, without a word.
        for key in configuration.control.trustedKeys where TrustedKey(key) == nil {
            throw ConfigurationError(
                path: "control.trusted_keys", found: "\"\(key.prefix(64))\"",
                expected: "ed25519: and 44 characters of base64 each, as sedge keys show prints")
        }
        for (index, stream) in configuration.streams.enumerated() {
            let path = "stream[\(index)]"
            let bundle = bundle(stream)
            let earlier = configuration.streams[..<index]
            if earlier.contains(where: { $0.topic == stream.topic }) {
                throw ConfigurationError(
                    path: "\(path).topic", found: "\"\(stream.topic)\" a second time", expected: "each topic once")
            }
            if let id = stream.id, earlier.contains(where: { $0.id == id }) {
                throw ConfigurationError(path: "\(path).id", found: "\"\(id)\" a second time", expected: "each id once")
            }
            try checkShape(of: stream, against: bundle, path)
            if case .fixed(let scales) = bundle.preprocessing.normalisation,
                scales.count != 1, scales.count != stream.channels.count
            {
                throw ConfigurationError(
                    path: "\(path).channels", found: "\(stream.channels.count) channels",
                    expected: "\(scales.count), the scales of \(bundle.fingerprint)")
            }
            do {
                _ = try StreamPattern(stream.topic, id: stream.id)
            } catch {
                throw ConfigurationError(
                    path: "\(path).topic", found: "\"\(stream.topic)\", which \(error.reason)",
                    expected: "a topic pattern such as plant/{stream}/sensors")
            }
            do {
                _ = try makeCodec(CodecSettings(stream))
            } catch {
                throw configurationError(error, path)
            }
        }
    }

    /// Whether the encoder can be given the stream's channels, and steps of its hop.
    private static func checkShape(
        of stream: StreamConfiguration, against bundle: EncoderBundle, _ path: String
    ) throws(ConfigurationError) {
        let interface = bundle.interface
        let channels = interface.inputChannels
        guard channels == 1 || channels == stream.channels.count else {
            throw ConfigurationError(
                path: "\(path).channels", found: "\(stream.channels.count) channels",
                expected: "\(channels), which \(bundle.fingerprint) reads together, in the order of their names")
        }
        guard !interface.hops.contains(stream.hop) else { return }
        let (least, most) = (interface.hops.lowerBound, interface.hops.upperBound)
        throw ConfigurationError(
            path: "\(path).hop", found: "\(stream.hop)",
            expected: least == most
                ? "\(most), the step of \(bundle.fingerprint), which has to see every sample once"
                : "\(least) to \(most), the patch of \(bundle.fingerprint)")
    }

    private static func configurationError(_ error: CodecSettingsError, _ path: String) -> ConfigurationError {
        switch error {
        case .badPath(let channel, let found, let expected):
            ConfigurationError(path: "\(path).channels.\(channel)", found: "\"\(found)\"", expected: expected)
        case .badTimePath(let found, let expected):
            ConfigurationError(path: "\(path).time", found: "\"\(found)\"", expected: expected)
        case .timeNotAllowed(let kind, let found):
            ConfigurationError(
                path: "\(path).time", found: "\"\(found)\"", expected: "no time with codec \(kind.rawValue)")
        default:
            ConfigurationError(path: "\(path).channels", found: "what no codec can read", expected: "\(error)")
        }
    }

    /// Whether the files that a connection needs can be read.
    static func checkFiles(of mqtt: BrokerConfiguration) throws(ConfigurationError) {
        try checkFiles(of: mqtt.connection, "mqtt")
        if let publish = mqtt.publish { try checkFiles(of: publish, "mqtt.publish") }
    }

    private static func checkFiles(of connection: BrokerConnection, _ path: String) throws(ConfigurationError) {
        let files = [
            ("password_file", connection.passwordFile), ("tls.ca", connection.tls?.ca),
            ("tls.cert", connection.tls?.cert), ("tls.key", connection.tls?.key),
        ]
        for case (let key, let file?) in files {
            do {
                _ = try FileBytes.read(file, limit: 1 << 20)
            } catch {
                throw ConfigurationError(path: "\(path).\(key)", found: "\(error)", expected: "a file that can be read")
            }
        }
    }

    /// Settings that are valid and do nothing, in this version, on this machine or with these bundles.
    package static func notes(on configuration: Configuration, with bundles: BundleSet? = nil) -> [String] {
        var notes: [String] = []
        if configuration.inference.threads > ProcessorCount.online {
            notes.append(
                "inference.threads is \(configuration.inference.threads), and there are \(ProcessorCount.online) "
                    + "processors: one thread each is used")
        }
        if configuration.adaptation.tier2, !configuration.adaptation.enabled {
            notes.append("adaptation.tier2 has no effect where adaptation.enabled is false")
        }
        if configuration.adaptation.tier2, configuration.adaptation.enabled, let bundles {
            for name in bundles.all.values.filter({ $0.retrainable == nil }).map(\.fingerprint).sorted() {
                notes.append(
                    "adaptation.tier2 has no effect on streams of \(name): it retrains encoders of family tcn that read "
                        + "each channel by itself; the other learners work as always")
            }
        }
        if configuration.streams.isEmpty { notes.append("there is no [[stream]]: nothing will be read") }
        return notes
    }
}
