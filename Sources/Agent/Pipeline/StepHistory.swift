import SedgeCore

/// The last steps of a stream as the encoder was shown them, a byte a value: what another encoder can be shown, so that
/// its statistics need not begin with nothing.
///
/// A byte is a 127th of the normaliser's clip, 0.06 scales for `sensor-base`: far below what a sensor's noise is.
struct StepHistory {
    /// Steps kept: what a learner needs to be calibrated, and 64 before them for the encoder to have a past.
    static let capacity = 384
    /// Of windows that are wider nothing is kept: the stream learns afresh then.
    static let byteLimit = 2 << 20

    private let width: Int
    private let isKept: Bool
    private let scale: Float
    private var cells: [Int8] = []  // (step, channels · patch)
    private var levels: [Float] = []  // (step, channels)
    private let channels: Int
    private var times: [Int64] = []
    private var learned: [Bool] = []
    /// Where the next step goes; the oldest, once all places are taken.
    private var next = 0

    /// - Parameters:
    ///   - channels: distances from slow levels a step.
    ///   - width: values a step, channels · patch.
    ///   - clip: the largest value there is.
    init(channels: Int, width: Int, clip: Float) {
        self.channels = channels
        self.width = width
        isKept = Self.capacity * width <= Self.byteLimit
        scale = clip / 127
    }

    var count: Int { times.count }

    mutating func append(
        time: Timestamp, learned isLearned: Bool, patches: Span<Float>, levels distances: Span<Float>
    ) {
        precondition(patches.count == width, "found \(patches.count) values, expected \(width)")
        precondition(distances.count == channels, "found \(distances.count) levels, expected \(channels)")
        guard isKept else { return }
        if times.isEmpty { cells.reserveCapacity(Self.capacity * width) }
        if times.count < Self.capacity {
            times.append(time.microseconds)
            learned.append(isLearned)
            for index in patches.indices { cells.append(byte(patches[index])) }
            for index in distances.indices { levels.append(distances[index]) }
        } else {
            times[next] = time.microseconds
            learned[next] = isLearned
            for index in patches.indices { cells[next * width + index] = byte(patches[index]) }
            for index in distances.indices { levels[next * channels + index] = distances[index] }
        }
        next = (next + 1) % Self.capacity
    }

    /// Event time of a step, and whether it was learned from; 0 is the oldest.
    func step(_ index: Int) -> (time: Timestamp, isLearned: Bool) {
        let place = place(of: index)
        return (Timestamp(microseconds: times[place]), learned[place])
    }

    /// Adds a step's values (channels, patch) to `patches`.
    func appendPatches(of index: Int, to patches: inout [Float]) {
        let start = place(of: index) * width
        for cell in cells[start..<start + width] { patches.append(Float(cell) * scale) }
    }

    /// Adds a step's distances from the slow levels (channels) to `distances`.
    func appendLevels(of index: Int, to distances: inout [Float]) {
        let start = place(of: index) * channels
        distances += levels[start..<start + channels]
    }

    private func place(of index: Int) -> Int {
        precondition((0..<count).contains(index), "step \(index) of \(count)")
        return count < Self.capacity ? index : (next + index) % Self.capacity
    }

    private func byte(_ value: Float) -> Int8 {
        value.isNaN ? 0 : Int8(max(-127, min(127, (value / scale).rounded(.toNearestOrEven))))
    }
}
