/// The sizes of a temporal convolutional network.
package struct NetworkShape: Sendable, Equatable {
    /// Samples that one step sees: the width of the stem's input.
    package var patch: Int
    package var channels: Int
    /// Block i has dilation 2^i.
    package var blocks: Int
    package var taps: Int
    package var embedding: Int

    package init(patch: Int = 8, channels: Int = 64, blocks: Int = 8, taps: Int = 3, embedding: Int = 64) {
        precondition(patch > 0 && channels > 0 && (1...16).contains(blocks) && taps > 0 && embedding > 0)
        self.patch = patch
        self.channels = channels
        self.blocks = blocks
        self.taps = taps
        self.embedding = embedding
    }

    /// The reference size `tcn64`.
    package static let tcn64 = Self()

    package func dilation(ofBlock block: Int) -> Int { 1 << block }

    /// Steps that one embedding depends on, its own included.
    package var receptiveField: Int { 1 + (taps - 1) * ((1 << blocks) - 1) }

    /// Multiply-adds of one step of one lane.
    package var multiplyAdds: Int {
        patch * channels + blocks * (taps + 1) * channels * channels + channels * embedding
    }
}
