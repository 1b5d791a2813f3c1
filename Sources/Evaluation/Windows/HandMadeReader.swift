#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What people compute of a window by hand: moments, quantiles and the low end of the spectrum of each channel, plain
/// and as logarithms. The baseline that an encoder has to beat, under the same linear model.
package struct HandMadeReader: WindowReader {
    package let name: String
    package let kind = ResultTable.Kind.baseline
    /// Whether the channels of `MotionFrame` are added to those measured.
    private let addsMotion: Bool

    private static let quantiles = [0, 0.05, 0.25, 0.5, 0.75, 0.95, 1]
    private static let frequencies = 12
    private static let floor = 1e-4
    /// No sample counts for more, so that squares stay finite.
    private static let limit = 1e9

    package init(name: String, addsMotion: Bool) {
        self.name = name
        self.addsMotion = addsMotion
    }

    package func features(of windows: LabelledWindows) throws -> [[Double]] {
        windows.windows.map { window in
            var frame = MotionFrame()
            return (addsMotion ? window + frame.transform(channels: window) : window).flatMap(Self.features)
        }
    }

    private static func features(_ measured: [Double]) -> [Double] {
        let samples = measured.map { $0.isFinite ? min(limit, max(-limit, $0)) : .nan }
        let known = samples.filter(\.isFinite).sorted()
        guard !known.isEmpty else {
            return [Double](repeating: 0, count: 3 + quantiles.count + 2 * frequencies)
        }
        let mean = known.reduce(0, +) / Double(known.count)
        let centred = samples.map { $0.isFinite ? $0 - mean : 0 }
        let deviation = (centred.reduce(0) { $0 + $1 * $1 } / Double(samples.count)).squareRoot()
        let spectrum = (1...frequencies).map { magnitude(centred, at: $0) }
        return [mean, deviation, log(deviation + floor)]
            + quantiles.map { known[Int(($0 * Double(known.count - 1)).rounded())] }
            + spectrum + spectrum.map { log($0 + 10 * floor) }
    }

    /// Of a discrete Fourier transform.
    private static func magnitude(_ samples: [Double], at frequency: Int) -> Double {
        var (real, imaginary) = (0.0, 0.0)
        for (index, sample) in samples.enumerated() {
            let angle = 2 * Double.pi * Double(frequency * index) / Double(samples.count)
            real += sample * cos(angle)
            imaginary += sample * sin(angle)
        }
        return (real * real + imaginary * imaginary).squareRoot()
    }
}
