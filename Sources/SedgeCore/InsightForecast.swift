/// What a stream will probably be: for each channel a band and its middle at each horizon, in the channel's own unit.
package struct InsightForecast: Codable, Sendable, Equatable {
    /// Four of five values will lie from `p10` to `p90`, one in two below `p50`.
    package struct Channel: Codable, Sendable, Equatable {
        package var p10: [Double]
        package var p50: [Double]
        package var p90: [Double]

        package init(p10: [Double], p50: [Double], p90: [Double]) {
            self.p10 = p10
            self.p50 = p50
            self.p90 = p90
        }
    }

    /// Seconds from the insight's `ts`; the value at each is the mean of the samples that one step reads.
    package var horizons: [Double]
    package var channels: [String: Channel]

    package init(horizons: [Double], channels: [String: Channel]) {
        self.horizons = horizons
        self.channels = channels
    }

    private enum CodingKeys: String, CodingKey {
        case horizons = "horizons_s"
        case channels
    }
}
