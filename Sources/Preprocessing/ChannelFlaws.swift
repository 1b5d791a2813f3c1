/// What was found wrong with one channel since the stream was made, in this run.
///
/// `PreprocessorCounters` holds the sums over channels, and over runs; these say whose they are, and need not survive: what
/// was found before a start is no news after it.
package struct ChannelFlaws: Sendable, Equatable {
    /// Cells that nothing could be said about.
    package var missing: UInt64 = 0
    /// Stretches in which it repeated one value for far longer than it ever did.
    package var stuck: UInt64 = 0
    /// Times that its extremes were found to be cut off.
    package var saturated: UInt64 = 0

    package init() {}
}
