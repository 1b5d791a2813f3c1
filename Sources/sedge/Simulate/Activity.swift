/// What the wearer of a wearable does.
enum Activity: String, Sendable, CaseIterable {
    case sitting, walking, turning
}

/// A stretch of one activity, in seconds since the simulation began.
struct ActivitySegment: Sendable, Equatable {
    let activity: Activity
    let start: Double
    let end: Double
}
