import Adaptation
import SedgeCore
import Store
import Synchronization

/// A piece of replay with what people said about its time.
struct RecalledSegment: Sendable {
    var segment: ReplaySegment
    var label: String?
}

/// Why a stream's replay could not be read.
struct ReplayComplaint: Sendable {
    var text: String
    /// Whether it was thrown away.
    var isForgotten: Bool
}

/// Where replay lies between a stream and its training. Called from the pipeline's thread (`put`) and from the one that
/// trains (`recall`).
protocol ReplayShelf: Sendable {
    func put(_ entries: [ReplayRecorder.Entry], of stream: StreamID)
    /// At most `limit` segments of a stream, spread over what it kept. What can not be read is left out, and told.
    func recall(_ stream: StreamID, limit: Int) -> (segments: [RecalledSegment], complaint: ReplayComplaint?)
    /// Writes what still waits.
    func flush()
}

/// In memory, for evaluations.
final class MemoryShelf: ReplayShelf {
    private let segments = Mutex<[StreamID: [Int: ReplaySegment]]>([:])

    func put(_ entries: [ReplayRecorder.Entry], of stream: StreamID) {
        segments.withLock { segments in
            for entry in entries { segments[stream, default: [:]][entry.place.slot] = entry.segment }
        }
    }

    func flush() {}

    func recall(_ stream: StreamID, limit: Int) -> (segments: [RecalledSegment], complaint: ReplayComplaint?) {
        let kept = segments.withLock { $0[stream] ?? [:] }.sorted { $0.key < $1.key }.map(\.value)
        let count = min(limit, kept.count)
        // Evenly spread.
        return ((0..<count).map { RecalledSegment(segment: kept[$0 * kept.count / count]) }, nil)
    }
}

/// In SQLite. What comes is written in batches: with the checkpoints, or when there are many.
final class StoreShelf: ReplayShelf {
    private let writer: StoreWriter
    private let model: String
    private let tapBytes: Int
    private let patch: Int
    private let waiting = Mutex<[StoredReplay]>([])

    /// Pieces that may wait in memory: 160 kB.
    private static let batch = 32

    init(writer: StoreWriter, model: String, tapBytes: Int, patch: Int) {
        self.writer = writer
        self.model = model
        self.tapBytes = tapBytes
        self.patch = patch
    }

    func put(_ entries: [ReplayRecorder.Entry], of stream: StreamID) {
        let count = waiting.withLock { waiting in
            waiting += entries.map {
                StoredReplay(
                    stream: stream, slot: $0.place.slot, coverage: $0.place.group, seen: $0.place.seen,
                    data: $0.segment.bytes())
            }
            return waiting.count
        }
        if count >= Self.batch { flush() }
    }

    /// Writes what waits. What the flash budget does not allow today is lost: there will be more.
    func flush() {
        let pieces = waiting.withLock { waiting in
            defer { waiting.removeAll() }
            return waiting
        }
        guard !pieces.isEmpty else { return }
        writer.perform { [model] store in _ = try? store.saveReplay(pieces, model: model, at: SystemTime.now()) }
    }

    func recall(_ stream: StreamID, limit: Int) -> (segments: [RecalledSegment], complaint: ReplayComplaint?) {
        flush()
        do {
            let (pieces, said) = try writer.sync { [model] store in
                (
                    try store.loadReplay(stream: stream, model: model, limit: limit),
                    try store.feedback().filter { $0.stream == stream }
                )
            }
            let teaching = ReplayTeaching(said)
            var segments: [RecalledSegment] = []
            var (damage, damaged): (String?, Int) = (nil, 0)
            for piece in pieces {
                do {
                    let segment = try ReplaySegment(piece.data, tapBytes: tapBytes, patch: patch)
                    guard !teaching.forbids(segment) else { continue }
                    segments.append(
                        RecalledSegment(
                            segment: segment, label: teaching.label(of: segment, coverage: piece.coverage)))
                } catch {
                    (damage, damaged) = ("\(error)", damaged + 1)
                }
            }
            guard let damage else { return (segments, nil) }
            // Bytes that turned over by themselves are no company to learn in.
            forget(stream)
            return (
                [],
                ReplayComplaint(
                    text: "replay starts afresh: \(damaged) pieces are damaged: \(damage)", isForgotten: true)
            )
        } catch {
            return ([], ReplayComplaint(text: "replay can not be read: \(error)", isForgotten: false))
        }
    }

    private func forget(_ stream: StreamID) { writer.perform { try? $0.deleteReplay(stream: stream) } }
}
