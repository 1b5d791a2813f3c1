/// One series as a person looks at it: what was measured, what was true, what was said.
package struct SeriesPanel: Sendable {
    package var name: String
    /// NaN where nothing was measured.
    package var columns: [[Double]]  // (channels, rows)
    package var trainingRows: Int
    package var truth: [Range<Int>]
    package var scores: [Double]  // (rows), may be empty
    /// Rows in which an alarm began, or a change was found.
    package var alarms: [Int]

    package init(
        name: String, columns: [[Double]], trainingRows: Int, truth: [Range<Int>], scores: [Double], alarms: [Int]
    ) {
        self.name = name
        self.columns = columns
        self.trainingRows = trainingRows
        self.truth = truth
        self.scores = scores
        self.alarms = alarms
    }
}
