import Inference
package import SedgeCore

extension AdaptedScorer {
    /// What a snapshot holds, for people who look at it without the bundle that it belongs to.
    package struct Figures: Sendable, Equatable {
        /// The bundle's fingerprint.
        package let model: String
        /// Whether its verdicts are the stream's; if not, it is on probation.
        package let isActive: Bool
        package let learner: StreamLearner.Figures
    }

    /// Versions of the snapshot whose beginning is tail, learner and whether it is active; what follows is passed over.
    private static let knownFormats: [UInt32] = [0x4144_0001, 0x4144_0002]

    /// - Throws: where the snapshot is damaged or from another version.
    package static func figures(of snapshot: [UInt8], stepSeconds: Double) throws(SnapshotError) -> Figures {
        var reader = try anyReader(of: snapshot)
        let model = try QuantizedTail.model(of: reader.readArray(UInt8.self))
        let learned = try reader.readArray(UInt8.self)
        let learner = try StreamLearner(StreamLearner.shape(of: learned, stepSeconds: stepSeconds), restoring: learned)
        return Figures(model: model, isActive: try reader.readBool(), learner: learner.figures)
    }

    private static func anyReader(of snapshot: [UInt8]) throws(SnapshotError) -> SnapshotReader {
        var refusal = SnapshotError.truncated(expected: 8, found: snapshot.count)
        for format in knownFormats {
            do {
                return try SnapshotReader(snapshot, format: format)
            } catch {
                refusal = error
            }
        }
        throw refusal
    }
}
