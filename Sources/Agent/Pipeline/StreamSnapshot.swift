import SedgeCore

/// The small part of a stream that no module keeps: how its learner was made, and the anomaly and
/// the label that subscribers know of.
struct StreamSnapshot: Equatable {
    private static let format: UInt32 = 0x5354_0004

    /// The bundle whose embeddings the learner knows.
    var model: String
    /// The configuration that what was learned depends on: channels, codec, rate, hop.
    var shape: String
    var stepSeconds: Double
    var openEvent: InsightPolicy.OpenEvent?
    var openLabel: InsightPolicy.OpenLabel?

    init(
        model: String, shape: String, stepSeconds: Double, openEvent: InsightPolicy.OpenEvent?,
        openLabel: InsightPolicy.OpenLabel?
    ) {
        self.model = model
        self.shape = shape
        self.stepSeconds = stepSeconds
        self.openEvent = openEvent
        self.openLabel = openLabel
    }

    func bytes() -> [UInt8] {
        var writer = SnapshotWriter(format: Self.format)
        writer.write(model)
        writer.write(shape)
        writer.write(stepSeconds)
        writer.write(openEvent != nil)
        if let openEvent {
            writer.write(openEvent.id)
            writer.write(openEvent.start.microseconds)
            writer.write(openEvent.severity)
        }
        writer.write(openLabel != nil)
        if let openLabel {
            writer.write(openLabel.id)
            writer.write(openLabel.name)
            writer.write(openLabel.start.microseconds)
        }
        return writer.finish()
    }

    init(_ bytes: [UInt8]) throws(SnapshotError) {
        var reader = try SnapshotReader(bytes, format: Self.format)
        model = try reader.readString()
        shape = try reader.readString()
        stepSeconds = try reader.readDouble()
        guard stepSeconds > 0, stepSeconds.isFinite else { throw .impossible("\(stepSeconds) seconds a step") }
        if try reader.readBool() {
            let event = InsightPolicy.OpenEvent(
                id: try reader.readString(), start: Timestamp(microseconds: try reader.read(Int64.self)),
                severity: try reader.readDouble())
            guard (0...1).contains(event.severity) else { throw .impossible("a severity of \(event.severity)") }
            openEvent = event
        }
        if try reader.readBool() {
            openLabel = InsightPolicy.OpenLabel(
                id: try reader.readString(), name: try reader.readString(),
                start: Timestamp(microseconds: try reader.read(Int64.self)))
        }
        try reader.finish()
    }
}
