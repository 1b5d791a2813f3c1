import Inference
import Preprocessing
import SedgeCore

/// The int8 embeddings of a recording's lanes, each from a fresh state, a step every patch.
struct EmbeddedRecording {
    struct Lane {
        let name: String
        let embeddings: [Int8]  // (steps, E)
    }

    let lanes: [Lane]
    /// E
    let embedding: Int

    /// - Parameter path: for errors.
    init(_ recording: Recording, path: String, bundle: ModelBundle, kernels: KernelSet) throws(Failure) {
        let shape = bundle.architecture
        guard shape.mode == .independent || recording.columns.count == shape.inputChannels else {
            throw Failure(
                .data,
                "\(path): found \(recording.columns.count) channels, expected \(shape.inputChannels), the bundle's")
        }
        let normalised = Self.normalised(recording.columns, bundle)
        let encoder = WindowEncoder(bundle: bundle, kernels: kernels)
        let groups =
            shape.mode == .independent
            ? zip(recording.channels, normalised).map { ($0, [$1]) }
            : [(recording.channels.joined(separator: "+"), normalised)]
        embedding = shape.embedding
        lanes = groups.map { name, channels in
            Lane(name: name, embeddings: encoder.embedBytes(window: Self.patches(channels, shape.patch).span))
        }
    }

    /// A line a step, after a header.
    var csv: String {
        var text = "lane,step,embedding\n"
        for lane in lanes {
            for step in 0..<lane.embeddings.count / embedding {
                let bytes = lane.embeddings[step * embedding..<(step + 1) * embedding]
                text += "\(lane.name),\(step),"
                for byte in bytes { text += UInt8(bitPattern: byte).hexadecimal }
                text += "\n"
            }
        }
        return text
    }

    /// As the bundle wants its input.
    private static func normalised(_ columns: [[Double]], _ bundle: ModelBundle) -> [[Float]] {
        let clip = Float(bundle.preprocessing.clip)
        let normalization: Normalization =
            switch bundle.preprocessing.normalisation {
            case .robust: .robust(clip: clip)
            case .fixed(let channels):
                .fixed(
                    levels: columns.indices.map { channels[channels.count == 1 ? 0 : $0].center },
                    scales: columns.indices.map { channels[channels.count == 1 ? 0 : $0].scale }, clip: clip)
            }
        let normalizers = normalization.makeNormalizers(channels: columns.count, holdLimit: 8)
        return zip(columns, normalizers).map { column, normalizer in
            var normalizer = normalizer
            return column.map { normalizer.normalize($0) }
        }
    }

    /// Value `c·p + i` of a step is sample `i` of channel `c`; what is left of the last patch is left out.
    private static func patches(_ channels: [[Float]], _ patch: Int) -> [Float] {
        let steps = (channels.first?.count ?? 0) / patch
        return (0..<steps).flatMap { step in channels.flatMap { $0[step * patch..<(step + 1) * patch] } }
    }
}
