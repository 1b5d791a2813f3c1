/// The shape of a causal dilated temporal convolutional network (Bai, Kolter, Koltun, 2018); block N is dilated by 2^N.
package struct TCNArchitecture: Sendable, Equatable {
    package enum Mode: String, Sendable, CaseIterable {
        /// One shared univariate encoder; a lane is a channel of a stream.
        case independent
        /// All channels of one deployment at once; a lane is a stream.
        case joint
    }

    /// What stands between the input and the first block.
    package enum StemKind: String, Sendable {
        /// A linear layer over the last samples of every input channel.
        case patch
        /// An embedding table for streams of events: reserved, refused today.
        case events
    }

    package var mode: Mode
    package var stem: StemKind = .patch
    /// Channels that one lane reads; 1 when independent.
    package var inputChannels: Int
    /// p: samples of a patch, the input of one step.
    package var patch: Int
    /// C: channels inside the network.
    package var channels: Int
    package var blocks: Int
    /// Taps of the dilated convolutions.
    package var kernel: Int
    /// E: channels of the embedding.
    package var embedding: Int

    package init(
        mode: Mode, inputChannels: Int = 1, patch: Int, channels: Int, blocks: Int, kernel: Int = 3, embedding: Int
    ) {
        self.mode = mode
        self.inputChannels = inputChannels
        self.patch = patch
        self.channels = channels
        self.blocks = blocks
        self.kernel = kernel
        self.embedding = embedding
    }

    /// The reference size: 131 k multiplications a step, receptive field 511 steps.
    package static let tcn64 = Self(mode: .independent, patch: 8, channels: 64, blocks: 8, embedding: 64)
    /// The small size.
    package static let tcn32 = Self(mode: .independent, patch: 8, channels: 32, blocks: 6, embedding: 32)

    package func dilation(ofBlock index: Int) -> Int { 1 << index }

    /// Past frames that block `index` must keep.
    func history(ofBlock index: Int) -> Int { (kernel - 1) << index }

    /// Steps that can have a say in one embedding.
    package var receptiveField: Int { 1 + (kernel - 1) * ((1 << blocks) - 1) }

    /// Multiplications of one step of one lane.
    package var multiplicationsPerStep: Int {
        channels * patchValues + blocks * channels * channels * (kernel + 1) + embedding * channels
    }
}
