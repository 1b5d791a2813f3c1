package import SedgeCore

/// Learned state of one part of a stream, as its module wrote it.
package struct Checkpoint: Sendable, Equatable {
    package let stream: StreamID
    /// "learner", "preprocessor", "lanes", …
    package let part: String
    package let data: [UInt8]

    package init(stream: StreamID, part: String, data: [UInt8]) {
        self.stream = stream
        self.part = part
        self.data = data
    }
}

/// What became of checkpoints that were to be saved.
package enum CheckpointOutcome: Sendable, Equatable {
    /// How many were written, and how many were as stored already.
    case saved(written: Int, unchanged: Int)
    /// The day's flash budget does not allow all of it yet. The bytes they would have taken, and whether it is the
    /// first time today.
    case deferred(bytes: Int64, isFirstToday: Bool)
}

/// The checkpoints that could be read.
package struct LoadedCheckpoints: Sendable, Equatable {
    package var checkpoints: [Checkpoint] = []
    /// "stream/part" of those whose checksum is wrong; they are left out.
    package var damaged: [String] = []
}
