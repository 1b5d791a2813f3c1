/// Channels of a motion sensor that do not depend on how it is worn.
///
/// From acceleration and turning rate (three axes each) come, for both, the length of the vector and its parts along
/// and across gravity, and the size of the turning along it. Gravity is the running mean of acceleration, so every
/// sample is made of what was known by then. A linear reader of single channels can not do this for itself: lengths
/// are no sums of axes.
package struct MotionFrame: Sendable {
    /// What `transform` makes of six channels.
    package static let channelCount = 7
    /// Gravity is the mean of so many samples: 5 s at 100 Hz.
    private static let memory = 500.0

    private var gravity = (0.0, 0.0, 0.0)
    private var count = 0.0

    package init() {}

    /// - Parameter sample: acceleration x, y, z and turning rate x, y, z.
    /// - Returns: acceleration: length, along gravity, across it; turning rate: length, along, across, size along.
    package mutating func transform(_ sample: [Double]) -> [Double] {
        let (a, w) = ((sample[0], sample[1], sample[2]), (sample[3], sample[4], sample[5]))
        if a.0.isFinite, a.1.isFinite, a.2.isFinite {
            count = min(count + 1, Self.memory)
            gravity.0 += (a.0 - gravity.0) / count
            gravity.1 += (a.1 - gravity.1) / count
            gravity.2 += (a.2 - gravity.2) / count
        }
        let size = max(1e-9, Self.dot(gravity, gravity).squareRoot())
        let up = (gravity.0 / size, gravity.1 / size, gravity.2 / size)
        let (acceleration, turning) = (Self.split(a, along: up), Self.split(w, along: up))
        return [
            acceleration.length, acceleration.along, acceleration.across, turning.length, turning.along,
            turning.across, abs(turning.along),
        ]
    }

    /// Whole channels, from the first sample on.
    package mutating func transform(channels: [[Double]]) -> [[Double]] {
        var result = [[Double]](repeating: [], count: Self.channelCount)
        for index in channels[0].indices {
            for (channel, value) in transform(channels.map { $0[index] }).enumerated() { result[channel].append(value) }
        }
        return result
    }

    private static func dot(_ x: (Double, Double, Double), _ y: (Double, Double, Double)) -> Double {
        x.0 * y.0 + x.1 * y.1 + x.2 * y.2
    }

    private static func split(
        _ x: (Double, Double, Double), along up: (Double, Double, Double)
    ) -> (length: Double, along: Double, across: Double) {
        let (squares, along) = (dot(x, x), dot(x, up))
        return (squares.squareRoot(), along, max(0, squares - along * along).squareRoot())
    }
}
