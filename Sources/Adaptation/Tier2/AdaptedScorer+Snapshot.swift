package import Inference
package import SedgeCore

extension AdaptedScorer {
    private static let format: UInt32 = 0x4144_0001

    /// Tail and statistics, tied to the bundle. What the watch has counted is not kept: it begins anew.
    package func snapshot(of fingerprint: String) -> [UInt8] {
        var writer = SnapshotWriter(format: Self.format)
        writer.write(tail.snapshot(of: fingerprint))
        writer.write(learner.snapshot())
        writer.write(isActive)
        return writer.finish()
    }

    /// - Throws: where anything is damaged, of another bundle or of a stream of another shape.
    package init(
        _ configuration: LearnerConfiguration, restoring snapshot: [UInt8], of bundle: ModelBundle,
        settings: Tier2Settings
    ) throws(SnapshotError) {
        var reader = try SnapshotReader(snapshot, format: Self.format)
        let tail = try QuantizedTail(snapshot: reader.readArray(UInt8.self), of: bundle)
        let learner = try StreamLearner(configuration, restoring: reader.readArray(UInt8.self))
        let isActive = try reader.readBool()
        try reader.finish()
        self.init(
            tail: tail, learner: learner, figures: AdaptationFigures(), settings: settings, isActive: isActive)
    }
}
