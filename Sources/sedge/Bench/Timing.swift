/// How long one call takes, and how near that is to what the core can do.
struct Timing: Codable, Equatable {
    var nanoseconds: Spread
    /// Of multiply-accumulates; absent where a function has none.
    var gmacPerSecond: Spread?
    /// Of `gmacPerSecond` in the peak of as many cores as there are threads, pair by pair.
    var shareOfPeak: Spread?
    /// Rounds that are not in it, since somebody else had a part of the core; absent: none.
    var disturbedRounds: Int?
    /// Read and written, where that is what a function does.
    var gigabytesPerSecond: Spread?

    private enum CodingKeys: String, CodingKey {
        case nanoseconds = "ns"
        case gmacPerSecond = "gmac_per_second"
        case shareOfPeak = "share_of_peak"
        case disturbedRounds = "disturbed_rounds"
        case gigabytesPerSecond = "gb_per_second"
    }

    /// - Parameters:
    ///   - macs: of one call; 0 where it has none.
    ///   - bytes: that one call reads and writes; 0 where that is not what counts.
    init(_ times: PairedTimer.Times, macs: Int, bytes: Int = 0, threads: Int = 1) {
        nanoseconds = Spread(times.calls)
        if bytes > 0 { gigabytesPerSecond = Spread(times.calls.map { Double(bytes) / $0 }) }
        guard macs > 0 else { return }
        let speeds = times.calls.map { Double(macs) / $0 }
        gmacPerSecond = Spread(speeds)
        guard !times.peaks.isEmpty else { return }
        disturbedRounds = times.disturbed > 0 ? times.disturbed : nil
        shareOfPeak = Spread(zip(speeds, times.peaks).map { $0 / ($1 * Double(threads)) })
    }
}
