/// A baseline of one channel.
protocol ChannelModel: Sendable {
    /// Scores of all rows, causal; 0 where there are too few rows for one.
    ///
    /// - Parameters:
    ///   - column: finite, standardised by its first `fitted` rows.
    ///   - fitted: rows at the beginning to fit on.
    func scores(of column: [Double], fitted: Int) -> [Double]
}

extension ChannelModel {
    /// Windows of `length` rows that end in `rows`.
    func windows(of column: [Double], endingIn rows: Range<Int>, length: Int) -> [ArraySlice<Double>] {
        rows.clamped(to: (length - 1)..<max(length - 1, column.count)).map { column[($0 - length + 1)...$0] }
    }
}
