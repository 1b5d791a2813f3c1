import Preprocessing
import SedgeCore

/// A step as tests compare it.
struct Step: Equatable {
    var header: StepHeader
    var patches: [Float]
    var levels: [Float]

    /// All but the arrival, which depends on the order in which rows came.
    var content: Content {
        Content(
            time: header.time, missing: header.missing, discontinuity: header.discontinuity, patches: patches)
    }

    struct Content: Equatable {
        var time: Timestamp
        var missing: Float
        var discontinuity: Bool
        var patches: [Float]
    }
}

/// 2023-11-14T22:13:20Z: where the tests' time begins.
let epoch: Int64 = 1_700_000_000_000_000

/// Seconds after the tests' epoch.
func at(_ seconds: Double) -> Timestamp { Timestamp(microseconds: epoch + Int64((seconds * 1e6).rounded())) }

func seconds(_ time: Timestamp) -> Double { Double(time.microseconds - epoch) / 1e6 }

extension StreamPreprocessor {
    /// One row at `time` that arrives at once.
    @discardableResult
    mutating func feed(_ time: Double, _ values: [Double]) -> Bool {
        append(time: at(time), arrival: at(time), values: values.span)
    }

    mutating func popAll() -> [Step] {
        var steps: [Step] = []
        var patches = [Float](repeating: .nan, count: settings.channels * settings.patch)
        var levels = [Float](repeating: .nan, count: settings.channels)
        while true {
            var levelSpan = levels.mutableSpan
            readLevels(into: &levelSpan)
            var span = patches.mutableSpan
            guard let header = popStep(patches: &span) else { return steps }
            steps.append(Step(header: header, patches: patches, levels: levels))
        }
    }
}

extension PreprocessorSettings {
    /// Every sample is a step, its cells as they are: shows what the grid makes.
    static func plain(
        channels: Int = 1, rateHz: Double?, reorderWindow: Double? = 0, maxGap: Int = 8
    ) -> Self {
        Self(
            channels: channels, rateHz: rateHz, hop: 1, patch: 1, reorderWindow: reorderWindow, maxGap: maxGap,
            normalization: .fixed(
                levels: Array(repeating: 0, count: channels), scales: Array(repeating: 1, count: channels),
                clip: 1e9))
    }
}

extension SeededRandom {
    /// Standard normal, by Box and Muller's transform.
    mutating func normal() -> Double {
        (-2 * log(1 - uniform())).squareRoot() * cos(2 * .pi * uniform())
    }

    /// Laplace noise of mean absolute deviation 1.
    mutating func laplace() -> Double {
        let magnitude = -log(1 - uniform())
        return next() & 1 == 0 ? magnitude : -magnitude
    }
}

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif
