import ArgumentParser
import Importing
import Inference
import SedgeCore

/// What an imported model expects of its input.
struct InputOptions: ParsableArguments {
    enum Kind: String, CaseIterable, ExpressibleByArgument {
        case fixed, robust
    }

    @Option(help: "fixed: (value - center) / scale; robust: level and spread followed on each stream.")
    var normalisation = Kind.fixed

    @Option(help: ArgumentHelp("A number for each input channel (default: 0).", valueName: "numbers"))
    var center: String?

    @Option(help: ArgumentHelp("A number for each input channel (default: 1).", valueName: "numbers"))
    var scale: String?

    @Option(help: "Limit of normalised values (default: 8 when robust, else what the quantized input holds).")
    var clip: Double?

    @Option(help: ArgumentHelp("Samples between steps (default: an eighth of a window; a step).", valueName: "samples"))
    var hop: Int?

    func validate() throws {
        if normalisation == .robust && (center != nil || scale != nil) {
            throw ValidationError("--center and --scale belong to --normalisation fixed")
        }
        if let clip, !(clip > 0 && clip.isFinite) { throw ValidationError("--clip is \(clip), expected above 0") }
        if let hop, hop < 1 { throw ValidationError("--hop is \(hop), expected at least 1") }
    }

    /// Clip and hop come when the network is known; see `complete`.
    func preprocessing(for importer: ModelImporter) throws -> BundlePreprocessing {
        let (samples, channels) = (importer.graph.input.frames, importer.graph.input.channels)
        if let hop, hop > samples {
            throw Failure(.usage, "--hop is \(hop), expected at most \(samples), which the model reads at a step")
        }
        let kind: BundlePreprocessing.Normalisation
        switch normalisation {
        case .robust: kind = .robust
        case .fixed:
            let centers = try numbers("--center", center, count: channels, default: 0)
            let scales = try numbers("--scale", scale, count: channels, default: 1)
            if let index = scales.firstIndex(where: { $0 <= 0 }) {
                throw Failure(.usage, "--scale has \(scales[index]), expected positive numbers")
            }
            kind = .fixed(zip(centers, scales).map { BundlePreprocessing.ChannelScaling(center: $0, scale: $1) })
        }
        return BundlePreprocessing(normalisation: kind, clip: clip ?? 8, defaultHop: 1)
    }

    func complete(_ preprocessing: inout BundlePreprocessing, for graph: QuantizedGraph) {
        if clip == nil && normalisation == .fixed {
            preprocessing.clip = Double(
                max(-graph.input.dequantize(-128), graph.input.dequantize(127)))
        }
        let hops = graph.hops
        preprocessing.defaultHop = hop ?? (graph.context == .window ? max(1, hops.upperBound / 8) : hops.upperBound)
    }

    private func numbers(_ option: String, _ text: String?, count: Int, default value: Double) throws -> [Double] {
        guard let text else { return Array(repeating: value, count: count) }
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        let numbers = parts.compactMap { Double($0) }.filter(\.isFinite)
        guard numbers.count == parts.count, numbers.count == count else {
            throw Failure(.usage, "\(option) is '\(text)', expected \(count) numbers with commas between")
        }
        return numbers
    }
}
