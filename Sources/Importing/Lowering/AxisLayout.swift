/// Where a tensor's axes lie in frames: each axis is a run of time, channels, both (flattened), or nothing (size 1).
///
/// Time and channels of size 1 stand nowhere, so layouts that differ only by axes of size 1 are told apart by rank
/// alone.
struct AxisLayout: Equatable, CustomStringConvertible {
    enum Part: String {
        case time, channel
    }

    var axes: [[Part]]
    /// Sizes of the parts.
    let frames: FrameGraph.Shape

    /// Drops parts of size 1.
    init(_ axes: [[Part]], _ frames: FrameGraph.Shape) {
        self.frames = frames
        self.axes = axes.map { $0.filter { ($0 == .time ? frames.frames : frames.channels) > 1 } }
    }

    var rank: Int { axes.count }

    func size(_ part: Part) -> Int { part == .time ? frames.frames : frames.channels }

    func size(_ axis: Int) -> Int { axes[axis].reduce(1) { $0 * size($1) } }

    var shape: [Int] { axes.indices.map { size($0) } }

    /// The axis that is this part and nothing else.
    func axis(of part: Part) -> Int? { axes.firstIndex(of: [part]) }

    /// As a tensor of this shape, its elements in the same order; nil where an axis would have to be split.
    func reshaped(_ shape: [Int]) -> AxisLayout? {
        var parts = axes.flatMap { $0 }[...]
        var result: [[Part]] = []
        for size in shape {
            var axis: [Part] = []
            var product = 1
            while product < size, let part = parts.popFirst() {
                axis.append(part)
                product *= self.size(part)
            }
            guard product == size else { return nil }
            result.append(axis)
        }
        return parts.isEmpty ? AxisLayout(result, frames) : nil
    }

    /// For each frame and channel, (frames, channels), where its element lies in a row-major tensor of this shape.
    var offsets: [Int] {
        let order = axes.flatMap { $0 }
        let timeIsOuter = order.first == .time || order.count < 2
        return (0..<frames.frames).flatMap { frame in
            (0..<frames.channels).map { channel in
                timeIsOuter ? frame * frames.channels + channel : channel * frames.frames + frame
            }
        }
    }

    var description: String {
        let names = axes.map { $0.isEmpty ? "1" : $0.map { "\($0.rawValue) \(size($0))" }.joined(separator: "·") }
        return "(" + names.joined(separator: ", ") + ")"
    }
}
