import Control
import Messaging
import Store

/// The node's own retained topics, remembered so that another base topic or node name leaves nothing behind.
enum NodeTopics {
    private static let key = "retained_topics"

    static func current(_ topics: Topics, _ discovery: HomeAssistantDiscovery?) -> [String] {
        let control = ControlTopics(base: topics.base)
        return [topics.availability, topics.health] + (discovery.map { [$0.topic] } ?? [])
            + ControlSubject.allCases.map { control.reported($0, topics.node) }
    }

    static func saved(in store: Store) throws(StoreError) -> [String] {
        (try store.meta(key) ?? "").split(separator: "\n").map(String.init)
    }

    static func save(_ topics: [String], in store: Store) throws(StoreError) {
        try store.setMeta(key, topics.joined(separator: "\n"))
    }
}
