import SedgeCore

extension BundlePreprocessing {
    static let field = "preprocessing"

    package func validate(against architecture: some EncoderInterface) throws(BundleError) {
        guard clip.isFinite, clip > 0 else {
            throw BundleError(.field("preprocessing.clip"), found: "\(clip)", expected: "a positive number")
        }
        guard architecture.hops.contains(defaultHop) else {
            throw BundleError(
                .field("preprocessing.default_hop"), found: "\(defaultHop)", expected: "\(architecture.hops)")
        }
        guard case .fixed(let channels) = normalisation else { return }
        guard channels.count == architecture.inputChannels else {
            throw BundleError(
                .field("preprocessing.normalisation.channels"), found: "\(channels.count) entries",
                expected: "\(architecture.inputChannels)")
        }
        for (index, channel) in channels.enumerated() {
            guard channel.center.isFinite, channel.scale.isFinite, channel.scale > 0 else {
                throw BundleError(
                    .field("preprocessing.normalisation.channels.\(index)"),
                    found: "center \(channel.center), scale \(channel.scale)",
                    expected: "a finite center and a positive scale")
            }
        }
    }

    var text: String {
        let kind: JSONDocument
        switch normalisation {
        case .robust: kind = .object(["kind": .string("robust")])
        case .fixed(let channels):
            kind = .object([
                "kind": .string("fixed"),
                "channels": .array(
                    channels.map { .object(["center": .number("\($0.center)"), "scale": .number("\($0.scale)")]) }),
            ])
        }
        return JSONDocument.object([
            "normalisation": kind, "clip": .number("\(clip)"), "default_hop": .number("\(defaultHop)"),
        ]).text
    }

    init(text: String) throws(BundleError) {
        let reader = try BundleFieldReader(
            field: Self.field, text: text, keys: ["normalisation", "clip", "default_hop"])
        let kindReader = try reader.object("normalisation", keys: ["kind", "channels"])
        let normalisation: Normalisation
        switch try kindReader.string("kind") {
        case "robust":
            _ = try reader.object("normalisation", keys: ["kind"])
            normalisation = .robust
        case "fixed":
            var channels: [ChannelScaling] = []
            for channel in try kindReader.objects("channels", keys: ["center", "scale"]) {
                channels.append(
                    ChannelScaling(center: try channel.number("center"), scale: try channel.number("scale")))
            }
            normalisation = .fixed(channels)
        case let kind:
            throw kindReader.error("kind", found: String(kind.prefix(60)), expected: "fixed or robust")
        }
        self.init(
            normalisation: normalisation, clip: try reader.number("clip"),
            defaultHop: try reader.integer("default_hop"))
    }
}
