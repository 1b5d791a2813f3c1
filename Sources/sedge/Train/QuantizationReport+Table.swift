import Training

extension QuantizationReport {
    /// What the trainer prints at its end.
    var table: String {
        """
        held-out signals (mean Huber loss)   float    int8   last value    mean
        masked samples    \(row(\.masked))
        next samples      \(row(\.near))
        means further on  \(row(\.far))
        effective rank \(Self.tenths(float.effectiveRank)) (float) \(Self.tenths(int8.effectiveRank)) (int8) of \
        \(int8.dimensions); int8 embeddings: relative error \(relativeError.shown), cosine \(cosine.shown)

        """
    }

    private func row(_ part: KeyPath<HeldOutReport, HeldOutReport.Row>) -> String {
        let (a, b) = (float[keyPath: part], int8[keyPath: part])
        return "                \(a.model.shown)  \(b.model.shown)   \(a.lastValue.shown)       \(a.mean.shown)"
    }

    private static func tenths(_ value: Double) -> String { "\((value * 10).rounded() / 10)" }
}

extension Double {
    /// Four decimals, always.
    var shown: String {
        guard isFinite, abs(self) < 1e9 else { return "\(self)" }
        let scaled = Int((abs(self) * 10_000).rounded())
        let fraction = String(scaled % 10_000)
        let zeros = String(repeating: "0", count: 4 - fraction.count)
        return "\(self < 0 && scaled > 0 ? "-" : "")\(scaled / 10_000).\(zeros)\(fraction)"
    }
}
