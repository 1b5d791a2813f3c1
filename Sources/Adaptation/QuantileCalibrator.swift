import SedgeCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Turns a score into a p-value by the scores it has seen: empirical below a high quantile, exponential above.
///
/// Scores are counted in 256 bins, sixteen an octave, whose weights fade with `memory`; a look-up and an observation
/// are O(1) and nothing is sorted. The exponential tail begins at the score that a `tailShare` of the history
/// exceeds. Its scale is stretched by `margin`, and by `caution` over the number of independent excesses that it was
/// estimated from: a young calibration claims no small p-values that it can not back.
struct QuantileCalibrator: Sendable, Equatable {
    /// Observations after which one counts 1/e.
    let memory: Double
    /// Exponent of two at the upper edge of the lowest bin: everything below is one bin.
    let lowestExponent: Int
    /// The least mean excess over the tail's beginning.
    let tailFloor: Double
    /// What the tail's scale is multiplied by: 1, or more where tails bend upwards.
    let margin: Double
    let caution: Double
    /// Observations during which early ones fade fast, for scores whose own sources are still maturing.
    let youth: Int

    private var bins = [Float](repeating: 0, count: Self.binCount)
    private var total = 0.0
    /// The weight of the next observation; grows instead of all others fading.
    private var unit = 1.0
    /// All observations ever, for what depends on age.
    private(set) var observations = 0
    private var tailStart = Double.infinity
    private var tailMass = 1.0
    private var tailScale = 1.0
    /// Weights of observations in the tail, and of the clusters they form; see `extremalIndex`.
    private var excesses = 0.0
    private var clusters = 0.0
    private var sinceExcess = Self.clusterGap

    static let binCount = 256
    private static let ceiling = 8.0
    /// p-values are never below this.
    static let leastP = 1e-30
    /// Excesses with fewer ordinary observations than this between them are one cluster.
    private static let clusterGap = 16
    /// Excesses wanted before the tail may begin higher up.
    private static let wantedExcesses = 60.0

    init(memory: Double, lowestExponent: Int, tailFloor: Double, margin: Double, caution: Double, youth: Int = 0) {
        self.memory = memory
        self.lowestExponent = lowestExponent
        self.tailFloor = tailFloor
        self.margin = margin
        self.caution = caution
        self.youth = youth
    }

    /// Forgets all observations.
    mutating func reset() {
        self = Self(
            memory: memory, lowestExponent: lowestExponent, tailFloor: tailFloor, margin: margin, caution: caution,
            youth: youth)
    }

    /// Observations' worth of weight.
    var weight: Double { total / unit }

    /// Share of the history that the tail replaces: as little as leaves enough excesses, 0.1 to 10 %.
    private var tailShare: Double { min(0.1, max(0.001, Self.wantedExcesses / max(1, weight))) }

    /// Extremal index (Leadbetter, 1983): clusters of excesses over excesses, 1 for independent scores.
    /// By the runs estimator, corrected for the gaps that independent excesses fall short of by chance.
    var extremalIndex: Double {
        guard excesses > 0 else { return 1 }
        return min(1, max(0.05, clusters / excesses))
    }

    /// Probability that an ordinary score is at least `score`; `leastP` to 1. All scores are unsurprising (1) while
    /// there is no history.
    func pValue(_ score: Double) -> Double {
        guard total > 0 else { return 1 }
        if score >= tailStart {
            let backing = max(1, excesses / unit * extremalIndex)
            let scale = tailScale * (margin + caution / backing)
            let survival = exp((tailStart - score) / scale)
            return min(1, max(Self.leastP, tailMass * survival))
        }
        let (bin, fraction) = place(score)
        let above = Double(weightAbove(bin)) + Double(bins[bin]) * (1 - fraction)
        return min(1, max(Self.leastP, (above + 0.5 * unit) / (total + 0.5 * unit)))
    }

    /// Counts `score`. One far above everything counts no higher than `ceiling` mean excesses into the tail.
    ///
    /// - Parameter count: steps that it stands for, in place of neighbours that nobody kept.
    mutating func observe(_ score: Double, count: Int = 1) {
        let weight = unit * Double(max(1, count))
        var value = score
        if tailStart < score {
            value = min(score, tailStart + Self.ceiling * tailScale)
        }
        let (bin, _) = place(value)
        bins[bin] += Float(weight)
        total += weight
        observations += 1
        if score > tailStart {
            excesses += weight
            if sinceExcess >= Self.clusterGap {
                clusters += unit / max(0.05, pow(1 - tailMass, Double(Self.clusterGap)))
            }
            sinceExcess = 0
        } else {
            sinceExcess = min(sinceExcess + 1, Self.clusterGap)
        }
        if self.weight >= memory {
            unit *= 1 + Double(max(1, count)) / memory
        } else if observations < youth {
            // Weights grow with the square of age.
            unit *= 1 + 2 / Double(observations)
        }
        if unit > 1e6 { rescale() }
        if observations & 15 == 0 { fitTail() }
    }

    private mutating func rescale() {
        let scale = 1 / unit
        for bin in bins.indices { bins[bin] *= Float(scale) }
        total = 0
        for bin in bins.indices { total += Double(bins[bin]) }
        excesses *= scale
        clusters *= scale
        unit = 1
    }

    /// Finds where the tail begins (an edge of a bin) and its mean excess.
    private mutating func fitTail() {
        let wanted = tailShare * total
        var above = 0.0
        var moment = 0.0
        var bin = Self.binCount
        while bin > 1, above < wanted {
            bin -= 1
            above += Double(bins[bin])
            moment += Double(bins[bin]) * centre(bin)
        }
        // All but the lowest bin empty: a score that never was anything but negligible.
        guard above > 0 else {
            (tailStart, tailMass, tailScale) = (lowerEdge(1), 0.5 * unit / total, tailFloor)
            return
        }
        tailStart = lowerEdge(bin)
        // An atom may hold nearly everything; then it lies below the tail, not in it.
        if above > 0.5 * total {
            moment -= Double(bins[bin]) * centre(bin)
            above -= Double(bins[bin])
            tailStart = lowerEdge(bin + 1)
        }
        guard above > 0.5 * unit else {
            (tailMass, tailScale) = (0.5 * unit / total, max(tailFloor, 0.05 * tailStart))
            return
        }
        tailMass = above / total
        tailScale = max(tailFloor, moment / above - tailStart)
    }

    /// The bin of a score and where in it the score lies, 0 to 1. Linear inside an octave's sixteenth, which is how
    /// a float's bits lie.
    private func place(_ score: Double) -> (bin: Int, fraction: Double) {
        let value = Float(max(0, min(score, 1e30)))
        let lowest = Float(sign: .plus, exponent: lowestExponent, significand: 1)
        guard value >= lowest else { return (0, Double(value / lowest)) }
        let offset = value.bitPattern &- lowest.bitPattern
        let bin = Int(offset >> 19) + 1
        guard bin < Self.binCount else { return (Self.binCount - 1, 1) }
        return (bin, Double(offset & 0x7FFFF) * 0x1p-19)
    }

    private func lowerEdge(_ bin: Int) -> Double {
        guard bin > 0 else { return 0 }
        let lowest = Float(sign: .plus, exponent: lowestExponent, significand: 1)
        return Double(Float(bitPattern: lowest.bitPattern + UInt32(bin - 1) << 19))
    }

    private func centre(_ bin: Int) -> Double { 0.5 * (lowerEdge(bin) + lowerEdge(bin + 1)) }

    /// Weight in the bins above `bin`.
    private func weightAbove(_ bin: Int) -> Float {
        bins.withUnsafeBufferPointer { bins in
            let aligned = VectorMath.padded(bin + 1)
            var sum = VectorMath.sum(bins.baseAddress! + aligned, Self.binCount - aligned)
            for index in (bin + 1)..<max(bin + 1, aligned) { sum += bins[index] }
            return sum
        }
    }

    func write(to writer: inout SnapshotWriter) {
        let first = bins.firstIndex { $0 > 0 } ?? 0
        let last = bins.lastIndex { $0 > 0 } ?? -1
        writer.write(UInt16(first))
        writer.write(Array(bins[first..<max(first, last + 1)]))
        for value in [total, unit, tailStart, tailMass, tailScale, excesses, clusters] { writer.write(value) }
        writer.write(Int64(observations))
        writer.write(UInt8(sinceExcess))
    }

    mutating func read(from reader: inout SnapshotReader) throws(SnapshotError) {
        let first = Int(try reader.read(UInt16.self))
        let filled = try reader.readFloats()
        guard first + filled.count <= Self.binCount, filled.allSatisfy({ $0.isFinite && $0 >= 0 }) else {
            throw .impossible("a calibration's bins are negative, infinite or too many")
        }
        bins = Array(repeating: 0, count: Self.binCount)
        bins.replaceSubrange(first..<(first + filled.count), with: filled)
        let weights = 0...Double.greatestFiniteMagnitude
        total = try reader.readFinite("weight of a calibration", in: weights)
        unit = try reader.readFinite("unit of a calibration", in: 1...2e6)
        tailStart = try reader.readDouble()
        guard tailStart >= 0 else { throw .impossible("a calibration's tail begins at \(tailStart)") }
        tailMass = try reader.readFinite("mass of a calibration's tail", in: 0...1)
        tailScale = try reader.readFinite("scale of a calibration's tail", in: 1e-9...1e30)
        excesses = try reader.readFinite("excesses of a calibration", in: weights)
        clusters = try reader.readFinite("clusters of a calibration", in: weights)
        observations = try reader.readInteger("observations of a calibration", in: 0...Int.max)
        sinceExcess = min(Self.clusterGap, Int(try reader.read(UInt8.self)))
    }
}
