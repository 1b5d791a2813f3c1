/// The sizes of a temporal convolutional network.
package struct NetworkShape: Sendable, Equatable, Codable {
    /// Samples of each channel that one step sees.
    package var patch: Int
    /// Channels of one lane: 1 in an encoder that sees each channel by itself.
    package var inputs: Int
    package var channels: Int
    /// Block i has dilation 2^i.
    package var blocks: Int
    package var taps: Int
    package var embedding: Int

    package init(
        patch: Int = 8, channels: Int = 64, blocks: Int = 8, taps: Int = 3, embedding: Int = 64, inputs: Int = 1
    ) {
        precondition(patch > 0 && channels > 0 && (1...16).contains(blocks) && taps > 0 && embedding > 0 && inputs > 0)
        self.patch = patch
        self.inputs = inputs
        self.channels = channels
        self.blocks = blocks
        self.taps = taps
        self.embedding = embedding
    }

    /// The reference size `tcn64`.
    package static let tcn64 = Self()

    /// The reference's smaller sibling `tcn32`.
    package static let tcn32 = Self(channels: 32, blocks: 6, embedding: 32)

    /// The width of the stem's input.
    package var stemInputs: Int { inputs * patch }

    package func dilation(ofBlock block: Int) -> Int { 1 << block }

    /// Steps that one embedding depends on, its own included.
    package var receptiveField: Int { 1 + (taps - 1) * ((1 << blocks) - 1) }

    /// Multiply-adds of one step of one lane.
    package var multiplyAdds: Int {
        stemInputs * channels + blocks * (taps + 1) * channels * channels + channels * embedding
    }
}
