import Control
import SedgeCore

/// A node for scripts: what it says of itself, as JSON.
struct NodeListing: Encodable {
    let node: NodeID
    /// Null: it has never said so.
    let online: Bool?
    /// When it was last heard.
    let seen: Timestamp?
    let groups: [String]
    let health: Health?
    /// `config`, `model` and `keys`: the payloads of their `reported` topics.
    let reported: [String: ReportedState]

    init(_ name: NodeID, _ node: FleetInventory.Node) {
        self.node = name
        online = node.isOnline
        seen = node.lastSeen
        groups = node.groups
        health = node.health
        reported = Dictionary(uniqueKeysWithValues: node.reports.map { ($0.key.rawValue, $0.value) })
    }

    /// Whoever reads it finds every key in every node.
    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode("\(node)", forKey: .node)
        try container.encode(online, forKey: .online)
        try container.encode(seen, forKey: .seen)
        try container.encode(groups, forKey: .groups)
        try container.encode(health, forKey: .health)
        try container.encode(reported, forKey: .reported)
    }

    private enum CodingKeys: String, CodingKey { case node, online, seen, groups, health, reported }
}
