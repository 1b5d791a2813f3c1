/// A crop of a series after the device's own normalisation.
struct NormalizedCrop {
    struct Channel {
        var values: [Float]
        /// Whether a sample was missing in the recording.
        var missing: [Bool]
    }

    var channels: [Channel]
    /// Samples between steps.
    var hop: Int
    /// The class of each sample; empty where none is known.
    var classes: [Int32]
    /// The family of a generated series that is of one; `CrossEntropyLoss.unknown` else.
    var family: Int32
}
