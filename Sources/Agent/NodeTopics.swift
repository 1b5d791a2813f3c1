import Messaging
import Store

/// The node's own retained topics, remembered so that another base topic or node name leaves nothing behind.
enum NodeTopics {
    private static let key = "retained_topics"

    static func current(_ topics: Topics, _ discovery: HomeAssistantDiscovery?) -> [String] {
        [topics.availability, topics.health] + (discovery.map { [$0.topic] } ?? [])
    }

    static func saved(in store: Store) throws(StoreError) -> [String] {
        (try store.meta(key) ?? "").split(separator: "\n").map(String.init)
    }

    static func save(_ topics: [String], in store: Store) throws(StoreError) {
        try store.setMeta(key, topics.joined(separator: "\n"))
    }
}
