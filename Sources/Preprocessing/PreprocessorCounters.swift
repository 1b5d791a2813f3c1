import SedgeCore

/// What a stream's preprocessing has seen and done since it was made (or since the first start, with snapshots).
package struct PreprocessorCounters: Sendable, Equatable {
    /// Rows taken.
    package var accepted: UInt64 = 0
    /// Rows dropped because their time had already been passed.
    package var late: UInt64 = 0
    /// Rows whose time another row already had: merged, or dropped where that one is already used.
    package var duplicate: UInt64 = 0
    /// Rows whose time lay too far in the future: taken at their arrival.
    package var future: UInt64 = 0
    /// Times that the stream's clock went back for good.
    package var clockJumps: UInt64 = 0
    /// Stretches without samples that were too long to bridge; where the clock jumped is one too.
    package var gaps: UInt64 = 0
    /// Cells of samples that nothing could be said about.
    package var missing: UInt64 = 0
    /// Stretches in which a channel repeated one value for far longer than it ever did.
    package var stuck: UInt64 = 0
    /// Channels whose extremes were found to be cut off.
    package var saturated: UInt64 = 0
    /// Samples made.
    package var samples: UInt64 = 0
    /// Steps handed out.
    package var steps: UInt64 = 0
    /// Steps lost because nobody fetched them.
    package var droppedSteps: UInt64 = 0

    package init() {}

    static let fields: [any WritableKeyPath<Self, UInt64> & Sendable] = [
        \.accepted, \.late, \.duplicate, \.future, \.clockJumps, \.gaps, \.missing, \.stuck, \.saturated,
        \.samples, \.steps, \.droppedSteps,
    ]

    func snapshot(into writer: inout SnapshotWriter) {
        for field in Self.fields { writer.write(self[keyPath: field]) }
    }

    mutating func restore(from reader: inout SnapshotReader) throws(SnapshotError) {
        for field in Self.fields { self[keyPath: field] = try reader.read(UInt64.self) }
    }
}
