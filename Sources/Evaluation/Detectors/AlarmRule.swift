/// When scores are an alarm: the first at or above the threshold; the next can begin after `rearm` rows below it.
///
/// The same for every detector, so that a comparison is one of scores.
package struct AlarmRule: Sendable, Equatable {
    /// 0: every row at or above the threshold is an alarm.
    package var rearm: Int

    package init(rearm: Int) { self.rearm = rearm }

    package func alarms(in scores: [Double], threshold: Double) -> [Int] {
        var alarms: [Int] = []
        var quiet = rearm
        for (row, score) in scores.enumerated() {
            if score >= threshold {
                if quiet >= rearm { alarms.append(row) }
                quiet = 0
            } else {
                quiet += 1
            }
        }
        return alarms
    }
}
