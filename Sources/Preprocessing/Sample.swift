/// What is known of a sample beside its values. Times are microseconds.
struct Sample: Sendable, Equatable {
    let time: Int64
    let arrival: Int64
    /// Whether time was skipped before it.
    let isAfterGap: Bool
}
