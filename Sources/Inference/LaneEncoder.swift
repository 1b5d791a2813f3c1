package import SedgeCore

/// An encoder of any family at work, a lane an input: the one thing that a pipeline steps. The family is looked at once
/// a batch.
///
/// Owned by one thread, as the encoders are.
package enum LaneEncoder {
    case tcn(StreamingEncoder)
    case graph(GraphEncoder)

    /// - Parameter threads: share a batch of the engine's own network; a graph runs on one.
    package init(bundle: EncoderBundle, kernels: KernelSet, threads: Int = 1) {
        switch bundle {
        case .tcn(let bundle):
            self = .tcn(StreamingEncoder(bundle: bundle, kernels: kernels, threads: threads))
        case .graph(let bundle): self = .graph(GraphEncoder(bundle: bundle, kernels: kernels))
        }
    }

    package var kernels: KernelSet {
        switch self {
        case .tcn(let encoder): encoder.network.kernels
        case .graph(let encoder): encoder.network.kernels
        }
    }

    /// Lanes in use.
    package var laneCount: Int {
        switch self {
        case .tcn(let encoder): encoder.laneCount
        case .graph(let encoder): encoder.laneCount
        }
    }

    /// A lane with no past. The number of a removed lane may come back.
    package func addLane() -> Int {
        switch self {
        case .tcn(let encoder): encoder.addLane()
        case .graph(let encoder): encoder.addLane()
        }
    }

    package func removeLane(_ lane: Int) {
        switch self {
        case .tcn(let encoder): encoder.removeLane(lane)
        case .graph(let encoder): encoder.removeLane(lane)
        }
    }

    /// Forgets a lane's past.
    package func resetLane(_ lane: Int) {
        switch self {
        case .tcn(let encoder): encoder.resetLane(lane)
        case .graph(let encoder): encoder.resetLane(lane)
        }
    }

    /// A lane's state, to go on from later with the same bundle.
    package func snapshotLane(_ lane: Int) -> [UInt8] {
        switch self {
        case .tcn(let encoder): encoder.snapshotLane(lane)
        case .graph(let encoder): encoder.snapshotLane(lane)
        }
    }

    /// Puts a lane where the snapshot was taken. One of another bundle is refused, and the lane stays as it is.
    package func restoreLane(_ lane: Int, from snapshot: [UInt8]) throws(SnapshotError) {
        switch self {
        case .tcn(let encoder): try encoder.restoreLane(lane, from: snapshot)
        case .graph(let encoder): try encoder.restoreLane(lane, from: snapshot)
        }
    }

    /// One step of every lane in `due`.
    /// - Parameters:
    ///   - due: (rows) lanes, each at most once.
    ///   - patches: (rows, in·p) normalised.
    ///   - embeddings: (rows, E) dequantised.
    @_lifetime(embeddings: copy embeddings)
    package func step(lanes due: Span<Int>, patches: Span<Float>, embeddings: inout MutableSpan<Float>) {
        switch self {
        case .tcn(let encoder): encoder.step(lanes: due, patches: patches, embeddings: &embeddings)
        case .graph(let encoder): encoder.step(lanes: due, patches: patches, embeddings: &embeddings)
        }
    }
}
