package import SedgeCore

/// A piece of a stream that tier 2 may train on.
package struct StoredReplay: Sendable, Equatable {
    package var stream: StreamID
    /// Its place: what stood there before goes.
    package var slot: Int
    /// What it is an example of.
    package var coverage: String
    /// Pieces of that kind that had come until this one.
    package var seen: Int
    /// Empty where only places were asked for.
    package var data: [UInt8]

    package init(stream: StreamID, slot: Int, coverage: String, seen: Int, data: [UInt8]) {
        self.stream = stream
        self.slot = slot
        self.coverage = coverage
        self.seen = seen
        self.data = data
    }
}
