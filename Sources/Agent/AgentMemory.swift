import SedgeCore
import Store

/// What an agent remembers of its earlier runs.
struct AgentMemory {
    var checkpoints: [StreamID: [String: [UInt8]]] = [:]
    /// Parts whose checksum was wrong.
    var damaged: [String]
    var streams: [StoredStream]
    /// The node's own retained topics, as the last run had them.
    var nodeTopics: [String]
    var pendingCount: Int
    /// What people said.
    var feedback: [StoredFeedback]

    init(_ store: Store) throws(StoreError) {
        let loaded = try store.loadCheckpoints()
        for checkpoint in loaded.checkpoints {
            checkpoints[checkpoint.stream, default: [:]][checkpoint.part] = checkpoint.data
        }
        damaged = loaded.damaged
        streams = try store.streams()
        nodeTopics = try NodeTopics.saved(in: store)
        pendingCount = store.pendingCount
        feedback = try store.feedback()
    }
}
