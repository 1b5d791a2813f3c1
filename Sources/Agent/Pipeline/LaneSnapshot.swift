import Inference
import SedgeCore

/// The encoder state of all lanes of a stream, as one part of its checkpoint.
enum LaneSnapshot {
    private static let format: UInt32 = 0x4C41_0001

    static func write(_ lanes: [Int], of encoder: LaneEncoder) -> [UInt8] {
        var writer = SnapshotWriter(format: format)
        writer.write(UInt32(lanes.count))
        for lane in lanes { writer.write(encoder.snapshotLane(lane)) }
        return writer.finish()
    }

    /// All lanes or none: what was restored of a bad snapshot is taken back.
    static func restore(_ lanes: [Int], of encoder: LaneEncoder, from bytes: [UInt8]) throws(SnapshotError) {
        var reader = try SnapshotReader(bytes, format: format)
        let count = Int(try reader.read(UInt32.self))
        guard count == lanes.count else { throw .length(expected: lanes.count, found: count) }
        do {
            for lane in lanes { try encoder.restoreLane(lane, from: reader.readArray(UInt8.self)) }
            try reader.finish()
        } catch {
            for lane in lanes { encoder.resetLane(lane) }
            throw error
        }
    }
}
