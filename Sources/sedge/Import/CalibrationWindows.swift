import Importing
import Inference
import Preprocessing
import SedgeCore
import Training

/// Normalised windows to choose int8 ranges on, and others to compare on.
struct CalibrationWindows {
    /// Each (frames, channels).
    let fitted: [[Float]]
    let heldOut: [[Float]]
    /// Where they come from, for reports.
    let description: String

    private static let count = 128
    /// The bundle's limit may come from the ranges that are chosen here, so nothing is cut off before.
    private static let clip: Float = 1e6

    /// Signals of many kinds, each channel as a robust normaliser hands it on.
    init(generated shape: FrameGraph.Shape, seed: UInt64) {
        var generator = SignalGenerator(seed: seed)
        let windows = (0..<Self.count).map { _ in
            let channels = (0..<shape.channels).map { _ in
                // The first half lets level and spread settle.
                Self.normalised(generator.next(2 * shape.frames + 64), .robust(RobustNormalizer())).suffix(shape.frames)
            }
            return Self.frames(channels.map(Array.init), from: 0, shape)
        }
        self.init(windows, "generated sensor signals, seed \(seed)")
    }

    /// Windows spread evenly over recordings; with one input channel every column is a series.
    init(recordings paths: [String], _ shape: FrameGraph.Shape, _ preprocessing: BundlePreprocessing) throws {
        var windows: [[Float]] = []
        for path in paths {
            let recording = try RecordingFile.read(path, selection: ColumnSelection())
            let columns = recording.columns
            guard shape.channels == 1 || columns.count == shape.channels else {
                throw Failure(
                    .data, "\(path): found \(columns.count) numeric columns, expected \(shape.channels), the model's")
            }
            guard recording.rowCount >= shape.frames else {
                throw Failure(.data, "\(path): found \(recording.rowCount) rows, expected at least \(shape.frames)")
            }
            let normalised = columns.enumerated().map { index, column in
                Self.normalised(column, Self.normalizer(preprocessing, channel: index))
            }
            let groups = shape.channels == 1 ? normalised.map { [$0] } : [normalised]
            for group in groups {
                let wanted = max(8, Self.count / (paths.count * groups.count))
                let room = recording.rowCount - shape.frames
                for index in 0..<min(wanted, room + 1) {
                    windows.append(Self.frames(group, from: room * index / max(1, wanted - 1), shape))
                }
            }
        }
        self.init(windows, "\(paths.count) recordings")
    }

    /// Every fourth window is held out; of a single one both are the same.
    private init(_ windows: [[Float]], _ description: String) {
        fitted = windows.enumerated().filter { $0.offset % 4 != 3 }.map(\.element)
        let rest = windows.enumerated().filter { $0.offset % 4 == 3 }.map(\.element)
        heldOut = rest.isEmpty ? windows : rest
        self.description = "\(description): \(fitted.count) windows, \(heldOut.count) held out"
    }

    /// Frames of consecutive steps for the bundle's self-test.
    func selfTest(_ importer: ModelImporter) -> [Float] {
        importer.context == .window
            ? Array(heldOut.prefix(2).joined())
            : Array(
                heldOut[0].prefix(min(64, heldOut[0].count / importer.graph.input.count) * importer.graph.input.count))
    }

    private static func normalizer(_ preprocessing: BundlePreprocessing, channel: Int) -> Normalizer {
        switch preprocessing.normalisation {
        case .robust: .robust(RobustNormalizer())
        case .fixed(let channels):
            .fixed(
                FixedNormalizer(
                    level: channels[channels.count == 1 ? 0 : channel].center,
                    scale: channels[channels.count == 1 ? 0 : channel].scale, clip: clip))
        }
    }

    private static func normalised(_ values: [Double], _ normalizer: Normalizer) -> [Float] {
        var normalizer = normalizer
        return values.map { normalizer.normalize($0) }
    }

    private static func frames(_ channels: [[Float]], from start: Int, _ shape: FrameGraph.Shape) -> [Float] {
        (start..<start + shape.frames).flatMap { frame in channels.map { $0[frame] } }
    }
}
