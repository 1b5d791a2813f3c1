/// What the learners of a stream say about one step.
package struct LearnerVerdict: Sendable, Equatable {
    /// False while the stream's scores have no calibration yet: phase `learning`, and no alarm.
    package var isCalibrated: Bool
    /// Decades of evidence that the stream is not itself, 0 upwards, never NaN; 0 while not calibrated.
    package var score: Double
    /// The same with what lasts at a discount: rises when something begins, whatever goes on already.
    package var eventScore = 0.0
    /// The share of ordinary steps that look at least as unusual as this one; 1 while not calibrated.
    package var pValue: Double
    /// What happened to the alarm at this step, if anything.
    package var alarm: AlarmTransition?
    /// The alarm that is open behind this step, if any.
    package var openAlarm: AlarmEvent?
    /// Set at the step in which the stream's state changed.
    package var regime: RegimeTransition?
    /// The stream's state, nil while learning.
    package var regimeName: String?
    /// The same as the learner numbers it, whatever people call it.
    package var stateNumber: Int?
    /// The label that the stream has, where people or the bundle taught any.
    package var label: LabelVerdict?
    /// Set at the step in which the stream was found to have changed for longer.
    package var drift: DriftTransition?
    /// True from then on until its steps are ordinary again.
    package var isDrifting: Bool = false
    /// True where the step is not learned from, since the stream is not itself.
    package var isSuspicious: Bool = false
    /// Set at the step from which on a change that lasts is taken for the new normal.
    package var hasAcceptedChange: Bool = false
    /// True in a maintenance window.
    package var isMuted: Bool = false
    /// What people said of steps like this one, if anything.
    package var ruling: Lessons.Ruling?

    package var isAlarming: Bool { openAlarm != nil }
}
