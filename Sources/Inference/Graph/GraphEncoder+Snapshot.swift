package import SedgeCore

extension GraphEncoder {
    private static let snapshotFormat: UInt32 = 0x4C47_0001

    /// A lane's state, to go on from later with the same bundle, on any machine.
    package func snapshotLane(_ lane: Int) -> [UInt8] {
        let state = rings(of: lane)
        var writer = SnapshotWriter(format: Self.snapshotFormat)
        writer.write(network.fingerprint)
        writer.write(UInt32(position(of: lane)))
        writer.write([UInt8](UnsafeRawBufferPointer(start: state, count: laneStateSize)))
        return writer.finish()
    }

    /// Puts a lane where the snapshot was taken. A snapshot of another bundle is refused and the lane stays as it is.
    package func restoreLane(_ lane: Int, from snapshot: [UInt8]) throws(SnapshotError) {
        let state = rings(of: lane)
        var reader = try SnapshotReader(snapshot, format: Self.snapshotFormat)
        let model = try reader.readString()
        guard model == network.fingerprint else {
            throw .impossible("it was taken with model \(model), expected \(network.fingerprint)")
        }
        let position = Int(try reader.read(UInt32.self))
        guard position < network.layout.period else {
            throw .impossible("its position is \(position), expected less than \(network.layout.period)")
        }
        let rings = try reader.readArray(UInt8.self, count: laneStateSize)
        try reader.finish()
        UnsafeMutableRawPointer(state).copyMemory(from: rings, byteCount: rings.count)
        setPosition(position, of: lane)
    }
}
