package import SedgeCore
package import Store

/// What was learned on one box, as a file for another: streams, their learned state, what people said, and the replay
/// that is kept to learn from.
///
/// Little-endian, in the order below, sealed with a CRC-32; the format number is its version. Retained topics are left
/// out, since they are the old node's.
package struct LearnedArchive: Sendable, Equatable {
    private static let format: UInt32 = 0x5EDA_0002
    /// Bytes that a file may have.
    package static let limit = 1 << 30

    package var streams: [StoredStream]
    package var checkpoints: [Checkpoint]
    package var feedback: [StoredFeedback]
    /// By the model whose activations it is.
    package var replay: [String: [StoredReplay]] = [:]

    /// All that the store has learned, or that of one stream.
    package init(_ store: Store, only stream: StreamID? = nil) throws(StoreError) {
        func isWanted(_ id: StreamID) -> Bool { stream == nil || id == stream }
        streams = try store.streams().filter { isWanted($0.id) }
        for index in streams.indices { streams[index].retainedTopics = [] }
        checkpoints = try store.loadCheckpoints().checkpoints.filter { isWanted($0.stream) }
        feedback = try store.feedback().filter { isWanted($0.stream) }
        for stream in streams {
            for (model, pieces) in try store.loadReplay(stream: stream.id) { replay[model, default: []] += pieces }
        }
    }

    package func bytes() -> [UInt8] {
        var writer = SnapshotWriter(format: Self.format)
        writer.write(UInt32(streams.count))
        for stream in streams {
            writer.write(stream.id.description)
            writer.write(stream.topic)
            writer.write(stream.firstSeen.microseconds)
            writer.write(stream.lastSeen.microseconds)
        }
        writer.write(UInt32(checkpoints.count))
        for checkpoint in checkpoints {
            writer.write(checkpoint.stream.description)
            writer.write(checkpoint.part)
            writer.write(checkpoint.data)
        }
        writer.write(UInt32(feedback.count))
        for entry in feedback {
            writer.write(entry.stream.description)
            writer.write(entry.id)
            writer.write(entry.kind.rawValue)
            for text in [entry.insight, entry.name, entry.state, entry.revokedBy] {
                writer.write(text != nil)
                writer.write(text ?? "")
            }
            for time in [entry.receivedAt, entry.span.from, entry.span.to] { writer.write(time.microseconds) }
            writer.write(entry.model)
            writer.write(entry.examples)
        }
        writer.write(UInt32(replay.count))
        for (model, pieces) in replay.sorted(by: { $0.key < $1.key }) {
            writer.write(model)
            writer.write(UInt32(pieces.count))
            for piece in pieces {
                writer.write(piece.stream.description)
                writer.write(UInt32(piece.slot))
                writer.write(piece.coverage)
                writer.write(UInt64(piece.seen))
                writer.write(piece.data)
            }
        }
        return writer.finish()
    }

    /// - Throws: where the file is damaged, from another version, or no archive at all.
    package init(_ bytes: [UInt8]) throws(SnapshotError) {
        var reader = try SnapshotReader(bytes, format: Self.format)
        func time() throws(SnapshotError) -> Timestamp { Timestamp(microseconds: try reader.read(Int64.self)) }
        func id() throws(SnapshotError) -> StreamID {
            let text = try reader.readString()
            do {
                return try StreamID(text)
            } catch {
                throw .impossible("a stream's name: \(error)")
            }
        }
        func optional() throws(SnapshotError) -> String? {
            let isThere = try reader.readBool()
            let text = try reader.readString()
            return isThere ? text : nil
        }
        (streams, checkpoints, feedback, replay) = ([], [], [], [:])
        for _ in 0..<(try reader.read(UInt32.self)) {
            streams.append(
                StoredStream(id: try id(), topic: try reader.readString(), firstSeen: try time(), lastSeen: try time()))
        }
        for _ in 0..<(try reader.read(UInt32.self)) {
            checkpoints.append(
                Checkpoint(stream: try id(), part: try reader.readString(), data: try reader.readArray(UInt8.self)))
        }
        for _ in 0..<(try reader.read(UInt32.self)) {
            let (stream, name, kind) = (try id(), try reader.readString(), try reader.readString())
            guard let kind = StoredFeedback.Kind(rawValue: kind) else { throw .impossible("feedback of kind \(kind)") }
            let texts = [try optional(), try optional(), try optional(), try optional()]
            let times = [try time(), try time(), try time()]
            var entry = StoredFeedback(
                stream: stream, id: name, receivedAt: times[0], kind: kind, insight: texts[0], name: texts[1],
                span: TimeSpan(from: times[1], to: times[2]), state: texts[2], model: try reader.readString(),
                examples: try reader.readArray(UInt8.self))
            entry.revokedBy = texts[3]
            feedback.append(entry)
        }
        for _ in 0..<(try reader.read(UInt32.self)) {
            let model = try reader.readString()
            for _ in 0..<(try reader.read(UInt32.self)) {
                replay[model, default: []].append(
                    StoredReplay(
                        stream: try id(), slot: Int(try reader.read(UInt32.self)), coverage: try reader.readString(),
                        seen: Int(clamping: try reader.read(UInt64.self)), data: try reader.readArray(UInt8.self)))
            }
        }
        try reader.finish()
        let known = Set(streams.map(\.id))
        guard checkpoints.allSatisfy({ known.contains($0.stream) }),
            feedback.allSatisfy({ known.contains($0.stream) }),
            replay.values.joined().allSatisfy({ known.contains($0.stream) })
        else { throw .impossible("something learned of a stream that is not listed") }
    }

    /// Puts all of it into a store, in place of what that knows of the same streams.
    package func restore(into store: Store, at time: Timestamp) throws(StoreError) {
        try store.replaceLearned(
            streams: streams, checkpoints: checkpoints, feedback: feedback, replay: replay, at: time)
    }
}

extension Store {
    /// Forgets what was learned of a stream; an anomaly that subscribers wait for the end of still gets it.
    ///
    /// - Returns: whether there was anything.
    package func reset(_ stream: StreamID) throws(StoreError) -> Bool { try forgetLearned(stream, keeping: "stream") }
}
