/// What a pass of retention did.
package struct RetentionReport: Sendable, Equatable {
    /// Acknowledged insights deleted for their age.
    package var deletedByAge = 0
    /// Acknowledged insights deleted for the size.
    package var deletedBySize = 0
    /// Insights deleted for the size that no subscriber has acknowledged: they are lost.
    package var droppedUnacknowledged = 0
    /// What was learned is above the limit by itself: no deletion can make the database small enough.
    package var isBelowLearned = false
    /// Bytes of the database before and after, free pages included.
    package var bytesBefore: Int64 = 0
    package var bytesAfter: Int64 = 0
    /// The day's flash budget is spent: nothing was done.
    package var isDeferred = false
}
