import SedgeCore

extension TCNArchitecture {
    static let field = "architecture"
    static let maximumLaneState: Int64 = 16 << 20
    static let maximumWeights: Int64 = 64 << 20

    /// Throws unless every size is possible. Products are taken in 64 bits of factors that are bounded already.
    package func validate() throws(BundleError) {
        guard stem == .patch else {
            throw BundleError(.field("architecture.stem.kind"), found: stem.rawValue, expected: "patch")
        }
        try check("stem.samples", patch, 1...65536)
        try check("input_channels", inputChannels, mode == .independent ? 1...1 : 1...65536)
        try check("channels", channels, 1...4096)
        try check("blocks", blocks, 1...24)
        try check("kernel", kernel, 2...16)
        try check("embedding", embedding, 1...4096)
        let values = Int64(patch) * Int64(inputChannels)
        guard values <= 65536 else {
            throw BundleError(
                .field("architecture.input_channels"), found: "\(values) values a patch", expected: "at most 65536")
        }
        let state = Int64(kernel - 1) * ((1 << Int64(blocks)) - 1) * Int64(channels)
        guard state <= Self.maximumLaneState else {
            throw BundleError(
                .field("architecture.blocks"),
                found: "\(blocks) blocks, dilated up to 2^\(blocks - 1): \(state) bytes a lane",
                expected: "at most \(Self.maximumLaneState)")
        }
        let c = Int64(channels)
        let weights = c * values + Int64(blocks) * c * c * Int64(kernel + 1) + Int64(embedding) * c
        guard weights <= Self.maximumWeights else {
            throw BundleError(
                .field(Self.field), found: "\(weights) weights", expected: "at most \(Self.maximumWeights)")
        }
    }

    private func check(_ key: String, _ value: Int, _ range: ClosedRange<Int>) throws(BundleError) {
        guard range.contains(value) else {
            let expected =
                range.count == 1
                ? "\(range.lowerBound) in mode \(mode.rawValue)" : "\(range.lowerBound)...\(range.upperBound)"
            throw BundleError(.field("\(Self.field).\(key)"), found: "\(value)", expected: expected)
        }
    }

    var text: String {
        JSONDocument.object([
            "family": .string("tcn"), "mode": .string(mode.rawValue),
            "stem": .object(["kind": .string(stem.rawValue), "samples": .number("\(patch)")]),
            "input_channels": .number("\(inputChannels)"), "channels": .number("\(channels)"),
            "blocks": .number("\(blocks)"), "kernel": .number("\(kernel)"), "embedding": .number("\(embedding)"),
        ]).text
    }

    init(text: String) throws(BundleError) {
        // The family comes first: the keys are its own.
        let family = try BundleFieldReader(field: Self.field, text: text).string("family")
        guard family == "tcn" else { throw Self.unknown("family", family, expected: "tcn") }
        let reader = try BundleFieldReader(
            field: Self.field, text: text,
            keys: ["family", "mode", "stem", "input_channels", "channels", "blocks", "kernel", "embedding"])
        let modeName = try reader.string("mode")
        guard let mode = Mode(rawValue: modeName) else {
            throw Self.unknown("mode", modeName, expected: "independent or joint")
        }
        let stemReader = try reader.object("stem", keys: ["kind", "samples"])
        let kind = try stemReader.string("kind")
        guard kind == StemKind.patch.rawValue else { throw Self.unknown("stem.kind", kind, expected: "patch") }
        self.init(
            mode: mode, inputChannels: try reader.integer("input_channels"),
            patch: try stemReader.integer("samples"), channels: try reader.integer("channels"),
            blocks: try reader.integer("blocks"), kernel: try reader.integer("kernel"),
            embedding: try reader.integer("embedding"))
        try validate()
    }

    private static func unknown(_ key: String, _ found: String, expected: String) -> BundleError {
        BundleError(.field("\(field).\(key)"), found: String(found.prefix(60)), expected: expected)
    }
}
