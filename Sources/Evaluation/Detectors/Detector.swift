/// Scores a series row by row, without looking ahead: what a row gets depends on it and on earlier ones alone.
package protocol Detector: Sendable {
    var name: String { get }
    /// Fits on the training rows if it has to, then goes through all rows.
    func run(on series: DetectionSeries) throws -> DetectorOutput
}

/// What a detector says of a series.
package struct DetectorOutput: Sendable, Equatable {
    /// Finite; higher is more unusual.
    package var scores: [Double]  // (rows)
    /// Where a detector has one: a score that rises when something begins, whatever goes on already.
    package var eventScores: [Double]?  // (rows)
    /// What it reports by itself, at the threshold that it has without labels; nil where it has none.
    package var decisions: Decisions?
    /// Decisions of tier 2, counted by what became of them.
    package var adaptations: [String: Int] = [:]

    package struct Decisions: Sendable, Equatable {
        /// Rows in which an alarm began, at the time at which subscribers hear of it.
        package var alarms: [Int] = []
        /// Whether an alarm was open.
        package var isAlarming: [Bool] = []  // (rows)
        /// Rows at which the stream's state changed, as dated by the detector.
        package var changes: [Int] = []
    }

    package init(scores: [Double], decisions: Decisions? = nil) {
        self.scores = scores
        self.decisions = decisions
    }
}
