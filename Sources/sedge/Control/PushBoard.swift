import Control
import SedgeCore

/// How a push stands with every node that it is for. Pure: reports come in.
struct PushBoard {
    struct Row {
        var status = "waiting"
        var reason: String?
        var progress: Double?

        var hasFailed: Bool { status == "rejected" || status == "reverted" }
    }

    private(set) var rows: [NodeID: Row]
    /// What each node was sent last; reports of anything else are of no account.
    private var transactions: [NodeID: String] = [:]

    /// The status at which a node is done.
    private let goal: String

    init(nodes: [NodeID], goal: String = "active") {
        self.goal = goal
        rows = Dictionary(uniqueKeysWithValues: nodes.map { ($0, Row()) })
    }

    /// These nodes are sent this now.
    mutating func sent(_ transaction: String, to nodes: some Sequence<NodeID>) {
        for node in nodes { transactions[node] = transaction }
    }

    /// A report. A node that nobody knew of counts from its first answer on.
    mutating func heard(_ node: NodeID, _ report: ReportedState, isOpen: Bool, transaction: String) {
        let expected = transactions[node] ?? (isOpen ? transaction : nil)
        guard let expected, report.transaction == expected else { return }
        rows[node] = Row(status: report.status, reason: report.reason, progress: report.progress)
    }

    func areDone(_ nodes: some Sequence<NodeID>) -> Bool {
        nodes.allSatisfy { rows[$0]?.status == goal || rows[$0]?.status == "active" }
    }

    /// The first node, by name, that did not take it.
    var failure: (node: NodeID, row: Row)? {
        rows.filter { $0.value.hasFailed }.min { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// Nodes by status.
    var counts: [String: Int] { rows.values.reduce(into: [:]) { $0[$1.status, default: 0] += 1 } }

    /// One line: `active 12, canary 3, waiting 1`.
    var summary: String {
        let order = [
            "active", "canary", "staged", "received", "verified", "validated", "waiting", "rejected", "reverted",
        ]
        return order.compactMap { status in counts[status].map { "\(status) \($0)" } }.joined(separator: ", ")
    }

    /// A node for scripts.
    struct Listing: Encodable {
        let node: String
        let status: String
        let reason: String?
    }

    /// Every node, by name.
    var listing: [Listing] {
        rows.sorted { $0.key < $1.key }.map {
            Listing(node: "\($0.key)", status: $0.value.status, reason: $0.value.reason)
        }
    }

    /// A line a node, those that need a look first; at most so many.
    func lines(limit: Int) -> [String] {
        let order = [
            "reverted", "rejected", "waiting", "received", "verified", "validated", "staged", "canary", "active",
        ]
        let sorted = rows.sorted {
            (order.firstIndex(of: $0.value.status) ?? 0, $0.key) < (order.firstIndex(of: $1.value.status) ?? 0, $1.key)
        }
        let width = sorted.prefix(limit).map { $0.key.description.count }.max() ?? 0
        var lines = sorted.prefix(limit).map { node, row in
            let name = node.description + String(repeating: " ", count: width - node.description.count)
            let share = row.progress.map { " \(Int(max(0, min(1, $0)) * 100)) %" } ?? ""
            return "\(name)  \(row.status)\(share)" + (row.reason.map { "  \($0)" } ?? "")
        }
        if sorted.count > limit { lines.append("… and \(sorted.count - limit) more") }
        return lines
    }
}
