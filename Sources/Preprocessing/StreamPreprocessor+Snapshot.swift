package import SedgeCore

extension StreamPreprocessor {
    private static let format: UInt32 = 0x5050_0002

    /// Everything that was learned and everything under way: a restored stream goes on bit for bit.
    package func snapshot() -> [UInt8] {
        var writer = SnapshotWriter(format: Self.format)
        writer.write(UInt32(settings.channels))
        for normalizer in normalizers { normalizer.snapshot(into: &writer) }
        for level in levels { level.snapshot(into: &writer) }
        for watch in watches { watch.snapshot(into: &writer) }
        writer.write(followsLevel)
        counters.snapshot(into: &writer)
        writer.write(Int64(settings.hop))
        writer.write(Int64(settings.patch))
        writer.write(settings.rateHz ?? 0)
        timeline.snapshot(into: &writer)
        waiting.snapshot(into: &writer)
        resampler?.snapshot(into: &writer)
        interval.snapshot(into: &writer)
        queue.snapshot(into: &writer)
        recent.snapshot(into: &writer)
        writer.write(isBroken)
        return writer.finish()
    }

    /// Goes on where a snapshot was taken.
    ///
    /// Another number of channels or another kind of normalisation is refused. With another rate, hop or patch the
    /// statistics and counters are taken over and the samples under way are not.
    package init(_ settings: Settings, restoring bytes: [UInt8]) throws(SnapshotError) {
        self.init(settings)
        var reader = try SnapshotReader(bytes, format: Self.format)
        let channels = try reader.read(UInt32.self)
        guard channels == settings.channels else {
            throw .impossible("stream has \(channels) channels, expected \(settings.channels)")
        }
        for channel in normalizers.indices { try normalizers[channel].restore(from: &reader) }
        for channel in levels.indices { try levels[channel].restore(from: &reader) }
        for channel in watches.indices { try watches[channel].restore(from: &reader) }
        followsLevel = try reader.readBool()
        try counters.restore(from: &reader)
        let hop = try reader.read(Int64.self)
        let patch = try reader.read(Int64.self)
        let rate = try reader.readDouble()
        guard hop == settings.hop, patch == settings.patch, rate == settings.rateHz ?? 0 else {
            for channel in normalizers.indices { normalizers[channel].forgetHeld() }
            return
        }
        try timeline.restore(from: &reader)
        try waiting.restore(from: &reader)
        try resampler?.restore(from: &reader)
        try interval.restore(from: &reader)
        try queue.restore(from: &reader)
        try recent.restore(from: &reader)
        isBroken = try reader.readBool()
        try reader.finish()
    }
}
