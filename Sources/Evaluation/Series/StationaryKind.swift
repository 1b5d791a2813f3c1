import SedgeCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Made-up streams that only repeat themselves, for counting false alarms: nothing in them is an anomaly.
package enum StationaryKind: String, CaseIterable, Sendable {
    /// Independent Gaussian samples.
    case noise
    /// A first-order autoregression with coefficient 0.9.
    case correlated = "correlated noise"
    /// Student's t with four degrees of freedom.
    case heavyTails = "heavy tails"
    /// A tone of 21 samples in noise.
    case tone
    /// A cycle of a day in noise.
    case daily = "daily cycle"
    /// Now and then, by chance, a burst of a few samples.
    case bursts
    /// Three channels: a tone, what follows it, and noise.
    case threeChannels = "three channels"

    /// - Parameters:
    ///   - interval: seconds between rows.
    ///   - rows: at least one.
    package func series(rows: Int, interval: Double, seed: UInt64) throws(EvaluationError) -> DetectionSeries {
        var random = SeededRandom(seed: seed)
        func gaussian() -> Double {
            (-2 * log(1 - random.uniform())).squareRoot() * cos(2 * .pi * random.uniform())
        }
        let channels = self == .threeChannels ? 3 : 1
        var columns = [[Double]](repeating: [], count: channels)
        var (last, burst) = (0.0, 0)
        for row in 0..<rows {
            let tone = sin(2 * .pi * Double(row) / 21)
            switch self {
            case .noise: columns[0].append(gaussian())
            case .correlated:
                last = 0.9 * last + gaussian()
                columns[0].append(last)
            case .heavyTails:
                let squares = (0..<4).reduce(0.0) { sum, _ in
                    let value = gaussian()
                    return sum + value * value
                }
                columns[0].append(gaussian() / (squares / 4).squareRoot())
            case .tone: columns[0].append(tone + 0.3 * gaussian())
            case .daily:
                columns[0].append(sin(2 * .pi * Double(row) * interval / 86_400) + 0.2 * gaussian())
            case .bursts:
                if burst > 0 { burst -= 1 } else if random.uniform() < 0.005 { burst = 1 + Int(random.uniform() * 5) }
                columns[0].append(gaussian() + (burst > 0 ? 4 : 0))
            case .threeChannels:
                let shared = tone + 0.3 * gaussian()
                columns[0].append(shared)
                columns[1].append(0.7 * shared + 0.2 * gaussian())
                columns[2].append(gaussian())
            }
        }
        return try DetectionSeries(
            name: rawValue, times: DetectionSeries.times(count: rows, interval: interval), columns: columns,
            anomalies: [], trainingRows: 0)
    }
}
