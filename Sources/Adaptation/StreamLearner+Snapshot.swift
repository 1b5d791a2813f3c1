package import SedgeCore

extension StreamLearner {
    /// All that was learned, as bytes. Going on from them gives the same verdicts, bit for bit.
    package func snapshot() -> [UInt8] {
        var writer = SnapshotWriter(format: Self.format)
        for value in [configuration.channels, configuration.embeddingSize, configuration.patch, configuration.hop] {
            writer.write(UInt32(value))
        }
        for scorer in scorers { scorer.write(to: &writer) }
        joint.write(to: &writer)
        pool.write(to: &writer)
        finalEvent.write(to: &writer)
        finalState.write(to: &writer)
        alarm.write(to: &writer)
        regimes.write(to: &writer)
        quarantine.write(to: &writer)
        excursion.write(to: &writer)
        for value in [steps, settling, learned, muted] { writer.write(Int64(value)) }
        pace.write(to: &writer)
        writer.write(announced ?? "")
        writer.write(isAccepting)
        writer.write(suspicion)
        writer.write(Int64(estranged))
        writer.write(Int64(pardoned))
        labels.write(to: &writer)
        drift.write(to: &writer)
        return writer.finish()
    }

    /// The shape of the stream that a snapshot is of, as a configuration with these steps.
    ///
    /// - Throws: where the snapshot is damaged or from another version.
    package static func shape(of snapshot: [UInt8], stepSeconds: Double) throws(SnapshotError) -> LearnerConfiguration {
        var reader = try SnapshotReader(snapshot, format: format)
        var sizes: [Int] = []
        for what in ["channels", "embedding", "patch", "hop"] {
            let size = Int(try reader.read(UInt32.self))
            guard (1...65_536).contains(size) else { throw .impossible("\(what) of \(size)") }
            sizes.append(size)
        }
        guard sizes[3] <= sizes[2] else { throw .impossible("hop of \(sizes[3]) above a patch of \(sizes[2])") }
        return LearnerConfiguration(
            channels: sizes[0], embeddingSize: sizes[1], patch: sizes[2], hop: sizes[3], stepSeconds: stepSeconds,
            alarmsPerWeek: 1, seed: 0)
    }

    /// - Throws: where the snapshot is damaged, from another version, or of a stream of another shape.
    package init(_ configuration: LearnerConfiguration, restoring snapshot: [UInt8]) throws(SnapshotError) {
        self.init(configuration)
        var reader = try SnapshotReader(snapshot, format: Self.format)
        for expected in [configuration.channels, configuration.embeddingSize, configuration.patch, configuration.hop] {
            let found = Int(try reader.read(UInt32.self))
            guard found == expected else { throw .length(expected: expected, found: found) }
        }
        for index in scorers.indices { try scorers[index].read(from: &reader) }
        try joint.read(from: &reader)
        try pool.read(from: &reader)
        try finalEvent.read(from: &reader)
        try finalState.read(from: &reader)
        try alarm.read(from: &reader)
        try regimes.read(from: &reader)
        try quarantine.read(from: &reader)
        try excursion.read(from: &reader)
        steps = try reader.readInteger("steps", in: 0...Int.max)
        settling = try reader.readInteger("settling steps", in: 0...Self.warmUp)
        learned = try reader.readInteger("learned steps", in: 0...Int.max)
        muted = try reader.readInteger("muted steps", in: 0...Self.settlingAfterGap)
        try pace.read(from: &reader)
        let name = try reader.readString()
        announced = name.isEmpty ? nil : name
        isAccepting = try reader.readBool()
        suspicion = try reader.readFinite("mean score", in: 0...30)
        estranged = try reader.readInteger("steps of estrangement", in: 0...Int.max)
        pardoned = try reader.readInteger("pardoned steps", in: 0...Self.settlingAfterGap)
        try labels.read(from: &reader)
        try drift.read(from: &reader)
        try reader.finish()
    }
}
