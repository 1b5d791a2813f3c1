package import SedgeCore

/// A change in the life of an alarm; every alarm is one start, any number of updates and one end.
package enum AlarmTransition: Sendable, Equatable {
    case start(AlarmEvent)
    case update(AlarmEvent)
    case end(AlarmEvent)

    package var event: AlarmEvent {
        switch self {
        case .start(let event), .update(let event), .end(let event): event
        }
    }
}

/// What an alarm is about.
package struct AlarmEvent: Sendable, Equatable {
    /// Event time of the first step of the rise that led to the alarm.
    package var start: Timestamp
    /// Event time of the last unusual step so far.
    package var end: Timestamp
    /// 0 to 1; grows with the peak of the score and with the number of unusual steps.
    package var severity: Double
    /// The highest score so far.
    package var peakScore: Double

    package init(start: Timestamp, end: Timestamp, severity: Double, peakScore: Double) {
        (self.start, self.end, self.severity, self.peakScore) = (start, end, severity, peakScore)
    }
}
