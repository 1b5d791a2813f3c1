import Agent
package import Inference
import Preprocessing
import SedgeCore

/// The frozen encoder as the agent runs it (causal normalisation, int8, hop 1), summed up over a window.
///
/// Features are, for each channel, the mean of the embeddings of all steps of the window, and what the normaliser took
/// away: level, scale and the logarithm of the scale at the window's end; then products of levels and of logarithms,
/// two by two: what tells motions apart is often one channel beside another, and which way is up is a direction
/// whatever its sign. Chosen on HAR's phones alone, and the same for every set.
package struct EmbeddingReader: WindowReader {
    package let name: String
    package let kind: ResultTable.Kind
    private let network: PackedNetwork
    private let normalizer: Normalizer
    private let channels: Channels
    private let carriesState: Bool
    private let readsEmbeddings: Bool
    private let passes: Int
    private let float: (any WindowEmbedder)?

    package enum Channels: Sendable {
        case asMeasured
        /// Of a motion sensor's six channels only levels and scales are read; embeddings are those of `MotionFrame`.
        case motion

        var needsMotion: Bool { if case .asMeasured = self { false } else { true } }
    }

    /// - Parameters:
    ///   - carriesState: whether normaliser and encoder go on from window to window; samples that two windows share are
    ///     read once.
    ///   - readsEmbeddings: false leaves levels and scales alone, to see what the encoder adds to them.
    ///   - passes: how often a window is read in a row, the last time for its features. Twice, its own level and scale
    ///     are known when it is read; nothing is known of what comes after it.
    ///   - float: reads in the bundle's place, in float32 and from a fresh state at each window.
    /// - Throws: an encoder that does not read single channels.
    package init(
        name: String, kind: ResultTable.Kind, bundle: ModelBundle, kernels: KernelSet, channels: Channels,
        carriesState: Bool = false, readsEmbeddings: Bool = true, passes: Int = 1,
        float: (any WindowEmbedder)? = nil
    ) throws {
        guard bundle.architecture.inputChannels == 1 else {
            throw EvaluationError(
                place: bundle.name,
                message: "found an encoder of \(bundle.architecture.inputChannels) channels, expected one of single "
                    + "channels")
        }
        let settings = try OfflinePipeline.preprocessing(
            of: AgentSettings().configuration(channels: 1).streams[0], for: bundle)
        precondition(float == nil || !carriesState, "the float network does not carry state")
        self.name = name
        self.kind = kind
        network = PackedNetwork(bundle: bundle, kernels: kernels)
        normalizer = settings.normalization.makeNormalizers(channels: 1, holdLimit: settings.maxGap)[0]
        self.channels = channels
        self.carriesState = carriesState
        self.readsEmbeddings = readsEmbeddings
        self.passes = passes
        self.float = float
    }

    package func features(of windows: LabelledWindows) throws -> [[Double]] {
        if channels.needsMotion, windows.channelCount != 6 {
            throw EvaluationError(
                place: windows.name,
                message: "found \(windows.channelCount) channels, expected acceleration and turning rate of 3 each")
        }
        let fresh = carriesState ? windows.freshSamples : windows.windows.map { $0[0].count }
        let own = channels.needsMotion ? MotionFrame.channelCount : 0
        let engine = float.map { WindowStream.Engine.whole($0) } ?? .streaming(StreamingEncoder(network))
        let stream = WindowStream(
            engine, normalizer, channels: own + windows.channelCount,
            embedded: readsEmbeddings ? (own > 0 ? own : windows.channelCount) : 0)
        var frame = MotionFrame()
        return zip(windows.windows, fresh).map { window, fresh in
            if !carriesState {
                stream.reset()
                frame = MotionFrame()
            }
            let new = lanes(window.map { Array($0.suffix(fresh)) }, &frame)
            for _ in 1..<passes { _ = stream.features(reading: new, window: window[0].count) }
            return stream.features(reading: new, window: window[0].count)
        }
    }

    private func lanes(_ window: [[Double]], _ frame: inout MotionFrame) -> [[Double]] {
        switch channels {
        case .asMeasured: window
        case .motion: frame.transform(channels: window) + window
        }
    }
}
