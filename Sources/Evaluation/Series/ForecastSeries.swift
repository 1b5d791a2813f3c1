/// One evenly sampled column to be forecast, with the parts that the protocol gives it.
package struct ForecastSeries: Sendable {
    package let name: String
    package let values: [Double]  // (rows)
    /// Samples of a season: a day.
    package let season: Int
    /// To learn from, to choose a penalty on, to be judged on; one after the other.
    package let training: Range<Int>
    package let validation: Range<Int>
    package let test: Range<Int>

    /// The parts of the ETT papers (12, 4 and 4 months of 30 days), or 60, 20 and 20 % where there are fewer rows.
    ///
    /// - Throws: missing values, a constant, too few rows.
    package init(name: String, values: [Double], rowsADay: Int) throws(EvaluationError) {
        if let row = values.firstIndex(where: { !$0.isFinite }) {
            throw EvaluationError(place: name, message: "found no number in row \(row), expected one in each")
        }
        let month = 30 * rowsADay
        let (first, second, end) =
            values.count >= 20 * month
            ? (12 * month, 16 * month, 20 * month) : (values.count * 6 / 10, values.count * 8 / 10, values.count)
        guard rowsADay > 0, first > 2 * rowsADay, second - first > rowsADay else {
            throw EvaluationError(
                place: name, message: "found \(values.count) rows of \(rowsADay) a day, expected some days of them")
        }
        guard values[..<first].contains(where: { $0 != values[0] }) else {
            throw EvaluationError(place: name, message: "found a constant, expected something to forecast")
        }
        self.name = name
        self.values = values
        season = rowsADay
        (training, validation, test) = (0..<first, first..<second, second..<end)
    }

    /// Values as the errors are given: by mean and standard deviation of the training part.
    var standardised: [Double] {
        let part = values[training]
        let mean = part.reduce(0, +) / Double(part.count)
        let variance = part.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(part.count)
        return values.map { ($0 - mean) / variance.squareRoot() }
    }
}
