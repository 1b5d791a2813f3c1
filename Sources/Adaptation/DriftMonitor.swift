import SedgeCore

/// Says when a stream has become another one: p-values that were spread evenly are small now, and stay so.
///
/// Where a step's p-value asks "is this unusual", drift asks "has unusual become the rule". Two series are watched,
/// the p-value of all evidence and that of the embeddings, each by ADWIN (which finds when) and by Page–Hinkley (which
/// is quicker on a sudden fall). They see means over `block` steps, since neighbouring steps resemble each other and
/// both tests count on values that do not. Only a fall counts: when histories have taken in the new behaviour,
/// p-values rise again, and that is no change of the stream. After a detection all start afresh, so one change is one
/// insight.
struct DriftMonitor: Sendable, Equatable {
    private var scores = Series()
    private var embeddings = Series()
    private var sums = SIMD2<Double>.zero
    private var filled = 0
    /// Smoothed p-value of all evidence, in blocks.
    private var recent = 0.5
    /// True from a detection until p-values are ordinary again.
    private(set) var isDrifting = false

    /// Steps whose mean is one value of a series.
    static let block = 16
    private static let smoothing = 0.125
    /// Smoothed p-value from which on the stream counts as ordinary again.
    private static let ordinary = 0.4

    private struct Series: Sendable, Equatable {
        /// 0.002 is the paper's and everyone's δ.
        var window = AdaptiveWindow(confidence: 0.002)
        /// Means of 16 even p-values deviate by 0.07: a tolerance of 0.7 and a threshold of 14 deviations.
        var test = PageHinkley(tolerance: 0.05, threshold: 1)

        /// Blocks since a fall began, nil without one.
        mutating func observe(_ value: Double) -> Int? {
            let cut = window.observe(value)
            let hasFallen = test.observe(value)
            if hasFallen { return max(1, test.age) }
            // A cut takes the mean of what lay before it along: less than half of that is a fall to speak of.
            if let cut, cut.after < cut.before, cut.after < 0.4 { return max(1, cut.remaining) }
            return nil
        }
    }

    /// One step's p-values, 0 to 1.
    mutating func observe(
        time: Timestamp, stepSeconds: Double, pValue: Double, embeddingPValue: Double
    ) -> DriftTransition? {
        sums += SIMD2(pValue, embeddingPValue)
        filled += 1
        guard filled == Self.block else { return nil }
        let means = sums / Double(Self.block)
        sums = .zero
        filled = 0
        recent += Self.smoothing * (means.x - recent)
        let fallen = (scores.observe(means.x), embeddings.observe(means.y))
        guard let blocks = fallen.0 ?? fallen.1 else {
            if recent > Self.ordinary { isDrifting = false }
            return nil
        }
        scores = Series()
        embeddings = Series()
        let isKnown = isDrifting
        isDrifting = true
        recent = min(recent, means.x)
        if isKnown { return nil }
        let seconds = Double(blocks * Self.block) * stepSeconds
        return DriftTransition(
            source: fallen.0 != nil ? .scores : .embeddings,
            since: Timestamp(microseconds: time.microseconds - Int64(min(seconds, 3e9) * 1e6)),
            meanPValue: fallen.0 != nil ? means.x : means.y)
    }

    func write(to writer: inout SnapshotWriter) {
        for series in [scores, embeddings] {
            series.window.write(to: &writer)
            series.test.write(to: &writer)
        }
        writer.write(sums.x)
        writer.write(sums.y)
        writer.write(Int64(filled))
        writer.write(recent)
        writer.write(isDrifting)
    }

    mutating func read(from reader: inout SnapshotReader) throws(SnapshotError) {
        try scores.window.read(from: &reader)
        try scores.test.read(from: &reader)
        try embeddings.window.read(from: &reader)
        try embeddings.test.read(from: &reader)
        let block = Double(Self.block)
        sums.x = try reader.readFinite("sum of p-values", in: 0...block)
        sums.y = try reader.readFinite("sum of p-values", in: 0...block)
        filled = try reader.readInteger("steps of a block", in: 0...(Self.block - 1))
        recent = try reader.readFinite("smoothed p-value", in: 0...1)
        isDrifting = try reader.readBool()
    }
}
