/// One channel of a recording, checked: long enough, with enough values, and not constant.
package struct TrainingSeries: Sendable {
    package let values: [Double]

    /// - Parameters:
    ///   - name: file and column, for errors.
    ///   - shortest: samples that one crop needs.
    package init(_ values: [Double], name: String, shortest: Int) throws(TrainingError) {
        guard values.count >= shortest else {
            throw TrainingError("\(name): found \(values.count) samples, expected at least \(shortest)")
        }
        let missing = values.count { !$0.isFinite }
        guard missing * 2 <= values.count else {
            throw TrainingError("\(name): found \(missing) of \(values.count) samples missing, expected at most half")
        }
        if let (start, length) = Self.longestGap(values), length >= shortest {
            throw TrainingError(
                "\(name): found \(length) missing samples in a row from row \(start), expected fewer than \(shortest)")
        }
        let finite = values.lazy.filter(\.isFinite)
        guard let low = finite.min(), let high = finite.max(), low < high else {
            throw TrainingError("\(name): found a constant, expected a signal that changes")
        }
        self.values = values
    }

    private static func longestGap(_ values: [Double]) -> (start: Int, length: Int)? {
        var longest: (start: Int, length: Int)?
        var start: Int?
        for (index, value) in values.enumerated() {
            guard !value.isFinite else {
                start = nil
                continue
            }
            start = start ?? index
            let length = index - start! + 1
            if length > longest?.length ?? 0 { longest = (start!, length) }
        }
        return longest
    }
}
