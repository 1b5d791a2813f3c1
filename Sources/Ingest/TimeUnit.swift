/// The unit of a time that is a number.
package enum TimeUnit: String, CaseIterable, Codable, Sendable {
    /// By magnitude: below 10¹¹ seconds, below 10¹⁴ milliseconds, below 10¹⁷ microseconds, else nanoseconds; each
    /// reaches to the year 5138.
    case auto
    case seconds = "s"
    case milliseconds = "ms"
    case microseconds = "us"
    case nanoseconds = "ns"

    /// Microseconds since 1970, rounded down; nil when that is beyond what 64 bits hold.
    package func microseconds(_ value: Int64) -> Int64? {
        switch resolved(value.magnitude) {
        case .auto, .seconds: return scaled(value, by: 1_000_000)
        case .milliseconds: return scaled(value, by: 1000)
        case .microseconds: return isPlausible(value) ? value : nil
        case .nanoseconds: return value / 1000 - (value % 1000 < 0 ? 1 : 0)
        }
    }

    /// Microseconds since 1970, rounded to nearest.
    package func microseconds(_ value: Double) -> Int64? {
        guard value.isFinite, value.magnitude < 9.2e18 else { return nil }
        let scaled: Double
        switch resolved(UInt64(value.magnitude)) {
        case .auto, .seconds:
            // Whole seconds apart, so that a fraction loses nothing to the size of the product.
            let whole = value.rounded(.down)
            guard let high = self.scaled(Int64(whole), by: 1_000_000) else { return nil }
            return high + Int64(((value - whole) * 1e6).rounded())
        case .milliseconds: scaled = value * 1000
        case .microseconds: scaled = value
        case .nanoseconds: scaled = value / 1000
        }
        guard scaled.magnitude < 4e18 else { return nil }
        return Int64(scaled.rounded())
    }

    private func resolved(_ magnitude: UInt64) -> TimeUnit {
        guard self == .auto else { return self }
        return switch magnitude {
        case ..<100_000_000_000: .seconds
        case ..<100_000_000_000_000: .milliseconds
        case ..<100_000_000_000_000_000: .microseconds
        default: .nanoseconds
        }
    }

    private func scaled(_ value: Int64, by factor: Int64) -> Int64? {
        let (product, overflow) = value.multipliedReportingOverflow(by: factor)
        return overflow || !isPlausible(product) ? nil : product
    }

    /// The far past is where `SampleRows` keeps times that are not absolute.
    private func isPlausible(_ microseconds: Int64) -> Bool { microseconds.magnitude < 4_000_000_000_000_000_000 }
}
