import SedgeCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Quantiles of forecast errors, followed online: each moves up when an error lies above it and down when one lies
/// below, in steps that balance at its share (quantile tracking of conformal prediction; Gibbs, Candès, 2021;
/// Angelopoulos, Candès, Tibshirani, 2023). Over a long run the shares hold whatever the errors do.
struct QuantileTracker: Sendable, Equatable {
    static let shares = [0.1, 0.5, 0.9]

    private(set) var values = [0.0, 0.0, 0.0]
    /// Mean size of errors: the unit of a step.
    private var scale = 0.0
    private var count = 0.0

    /// Least step, as a share of the mean size of errors.
    private static let leastStep = 0.02
    /// Errors that the mean size remembers.
    private static let memory = 1000.0
    private static let limit = 1e9

    /// The quantiles in order, whatever order they are in for a moment.
    var ordered: [Double] { values.sorted() }

    mutating func observe(_ error: Double) {
        guard error.isFinite else { return }
        let error = min(Self.limit, max(-Self.limit, error))
        count = min(count + 1, 1e9)
        scale += (abs(error) - scale) / min(count, Self.memory)
        let step = scale * max(Self.leastStep, pow(count, -0.6))
        for (index, share) in Self.shares.enumerated() {
            values[index] += step * (error < values[index] ? share - 1 : share)
            values[index] = min(Self.limit, max(-Self.limit, values[index]))
        }
    }

    func write(to writer: inout SnapshotWriter) {
        for value in values + [scale, count] { writer.write(value) }
    }

    mutating func read(from reader: inout SnapshotReader) throws(SnapshotError) {
        for index in values.indices {
            values[index] = try reader.readFinite("quantile of a forecast's error", in: -Self.limit...Self.limit)
        }
        scale = try reader.readFinite("size of a forecast's error", in: 0...Self.limit)
        count = try reader.readFinite("errors of a forecast", in: 0...1e9)
    }
}
