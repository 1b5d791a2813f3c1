package import SedgeCore

/// Some consecutive steps of one channel, as the encoder saw them before its last block: what tier 2 trains on.
///
/// With the frames under the last block's taps a step can be encoded by any tail; with the samples around it, its
/// neighbours say what it should have foretold. 200 bytes a step for tcn64.
package struct ReplaySegment: Sendable, Equatable {
    /// The channel's place in the stream.
    package var channel: Int
    /// Samples from one step to the next.
    package var hop: Int
    /// Event time of the first step and of the last.
    package var start: Timestamp
    package var end: Timestamp
    package var tapped: [Int8]  // (steps, k, C)
    package var samples: [Int8]  // (steps, p), normalised, in steps of clip / 127

    package init(
        channel: Int, hop: Int, start: Timestamp, end: Timestamp, tapped: [Int8], samples: [Int8]
    ) {
        self.channel = channel
        self.hop = hop
        self.start = start
        self.end = end
        self.tapped = tapped
        self.samples = samples
    }

    private static let format: UInt32 = 0x5245_0001

    package func bytes() -> [UInt8] {
        var writer = SnapshotWriter(format: Self.format)
        writer.write(UInt32(channel))
        writer.write(UInt32(hop))
        writer.write(start.microseconds)
        writer.write(end.microseconds)
        writer.write(tapped)
        writer.write(samples)
        return writer.finish()
    }

    /// - Throws: where the bytes are damaged, or no whole number of steps.
    package init(_ bytes: [UInt8], tapBytes: Int, patch: Int) throws(SnapshotError) {
        var reader = try SnapshotReader(bytes, format: Self.format)
        channel = Int(try reader.read(UInt32.self))
        hop = Int(try reader.read(UInt32.self))
        start = Timestamp(microseconds: try reader.read(Int64.self))
        end = Timestamp(microseconds: try reader.read(Int64.self))
        tapped = try reader.readArray(Int8.self)
        samples = try reader.readArray(Int8.self)
        try reader.finish()
        let steps = samples.count / patch
        guard hop > 0, steps > 0, samples.count == steps * patch, tapped.count == steps * tapBytes else {
            throw .impossible("\(tapped.count) frames' values and \(samples.count) samples")
        }
    }
}
