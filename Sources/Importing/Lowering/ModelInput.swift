/// How a model's input is to be read: what its file leaves open.
package struct ModelInput: Sendable, Equatable {
    /// Which axes of a three-dimensional input are what.
    package enum Order: String, Sendable, CaseIterable {
        /// (batch, channels, time), PyTorch's.
        case channelsFirst = "nct"
        /// (batch, time, channels), TensorFlow's.
        case channelsLast = "ntc"
    }

    /// nil: the order in which the model makes sense; where both do, channels first.
    package var order: Order?
    /// Frames of a window where the file leaves them free; nil: any number, which only a causal model can take.
    package var window: Int?
    /// The tensor to take as the embedding; nil: the model's only output.
    package var output: String?

    /// Long enough for models to be told by; no model is imported with it.
    static let framesWhereFree = 1024

    package init(order: Order? = nil, window: Int? = nil, output: String? = nil) {
        self.order = order
        self.window = window
        self.output = output
    }

    /// Frames and their layout for an input of this shape.
    func layout(_ input: TensorGraph.Input, order: Order) throws(ImportError) -> AxisLayout {
        let place = "input \(ImportError.quoted(input.name))"
        let shown = input.shape.map { $0.map(String.init) ?? "?" }.joined(separator: ", ")
        guard input.shape.first.map({ $0 == nil || $0 == 1 }) ?? false else {
            throw ImportError(place, found: "shape (\(shown))", expected: "a batch of 1, or a free one, first")
        }
        var sizes = Array(input.shape.dropFirst())
        var axes: [AxisLayout.Part?]
        switch sizes.count {
        case 1: axes = [.time]
        case 2: axes = order == .channelsFirst ? [.channel, .time] : [.time, .channel]
        case 3:
            // An image of height 1.
            guard
                let height = sizes.indices.first(where: {
                    sizes[$0] == 1 && $0 > 0 || sizes[$0] == 1 && order == .channelsLast
                })
            else { throw ImportError(place, found: "shape (\(shown))", expected: "a height of 1") }
            sizes[height] = 1
            axes = order == .channelsFirst ? [.channel, .time] : [.time, .channel]
            axes.insert(nil, at: height)
        default:
            throw ImportError(place, found: "shape (\(shown))", expected: "2 to 4 dimensions")
        }
        var frames = FrameGraph.Shape(frames: 1, channels: 1)
        for (part, size) in zip(axes, sizes) {
            switch part {
            case .time:
                if let size, let window, size != window {
                    throw ImportError(place, found: "\(size) frames", expected: "--window \(window)")
                }
                frames.frames = size ?? window ?? Self.framesWhereFree
            case .channel:
                guard let size else {
                    throw ImportError(place, found: "a free number of channels", expected: "a fixed one")
                }
                frames.channels = size
            case nil: break
            }
        }
        guard frames.frames > 0, frames.frames <= 65536, frames.channels > 0,
            frames.channels <= 65536 / frames.frames
        else {
            throw ImportError(
                place, found: "\(frames.frames) frames of \(frames.channels) channels",
                expected: "at most 65536 values")
        }
        return AxisLayout([[]] + axes.map { $0.map { [$0] } ?? [] }, frames)
    }
}
