package import SedgeCore

package enum GroupTag {}
/// A group of nodes, `<group>` in topics.
package typealias GroupID = Identifier<GroupTag>

/// Whom an envelope is for. Each scope counts its versions by itself and is a layer of its own.
package enum EnvelopeScope: Hashable, Sendable, CustomStringConvertible {
    /// Every node.
    case all
    case group(GroupID)
    case node(NodeID)

    /// `all`, `group/<group>` or `node/<node>`; nil for anything else.
    package init?(_ text: String) {
        if text == "all" {
            self = .all
            return
        }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2 else { return nil }
        if parts[0] == "node", let node = try? NodeID(parts[1]) {
            self = .node(node)
        } else if parts[0] == "group", let group = try? GroupID(parts[1]), group.description != Self.everyGroup {
            self = .group(group)
        } else {
            return nil
        }
    }

    package var description: String {
        switch self {
        case .all: "all"
        case .group(let group): "group/\(group)"
        case .node(let node): "node/\(node)"
        }
    }

    /// The group that every node belongs to; its topics carry what is for `all`.
    package static let everyGroup = "all"
}
