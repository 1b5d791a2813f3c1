import Control
import SedgeCore

/// What nodes report, a line each.
enum StatusTable {
    static func text(_ subject: ControlSubject, _ nodes: [(NodeID, FleetInventory.Node)]) -> String {
        let rows = nodes.map { name, node -> [String] in
            let report = node.reports[subject]
            let holds = report?.active.sorted { $0.key < $1.key }.map { "\($0.key)@\($0.value)" } ?? []
            return [
                "\(name)", report?.status ?? "–", report?.version.map { "\($0)" } ?? "–", report?.target ?? "–",
                holds.isEmpty ? "file" : holds.joined(separator: " "), report?.reason ?? "",
            ]
        }
        return TextTable(header: ["node", "status", "version", "target", "holds", "reason"], leading: 6, rows: rows)
            .text
    }

    /// Every node with when it was last heard.
    static func fleet(_ nodes: [(NodeID, FleetInventory.Node)], now: Timestamp) -> String {
        let rows = nodes.map { name, node -> [String] in
            let availability = node.isOnline.map { $0 ? "online" : "offline" } ?? "–"
            let configuration = node.reports[.configuration]
            return [
                "\(name)", availability, node.lastSeen.map { age(now - $0) } ?? "–", node.health?.version ?? "–",
                node.health?.model ?? node.reports[.model]?.installed ?? "–",
                configuration.map { "\($0.status)\($0.version.map { " \($0)" } ?? "")" } ?? "–",
                node.health.map { "\($0.streams)" } ?? "–", node.groups.joined(separator: ","),
            ]
        }
        return TextTable(
            header: ["node", "is", "seen", "agent", "model", "config", "streams", "groups"], leading: 8, rows: rows
        ).text
    }

    /// A time that has passed, in the largest unit that says enough.
    static func age(_ microseconds: Int64) -> String {
        let seconds = max(0, microseconds / 1_000_000)
        return switch seconds {
        case ..<120: "\(seconds) s ago"
        case ..<7200: "\(seconds / 60) min ago"
        case ..<172_800: "\(seconds / 3600) h ago"
        default: "\(seconds / 86_400) d ago"
        }
    }
}
