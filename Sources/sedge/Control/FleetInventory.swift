import Control
import SedgeCore

/// What nodes say of themselves, from what the broker retains.
struct FleetInventory {
    struct Node {
        var isOnline: Bool?
        var health: Health?
        var reports: [ControlSubject: ReportedState] = [:]

        /// When it was last heard; nil where it never said a time.
        var lastSeen: Timestamp? { [health?.ts, reports.values.map(\.ts).max()].compactMap(\.self).max() }

        /// In which groups it says it is.
        var groups: [String] { reports.values.max { $0.ts < $1.ts }?.groups ?? [] }
    }

    private(set) var nodes: [NodeID: Node] = [:]
    private let prefix: String

    init(base: String) { prefix = "\(base)/" }

    /// Topics that it reads.
    static func filters(base: String) -> [String] {
        ["\(base)/+/availability", "\(base)/+/health"]
            + ControlSubject.allCases.map { "\(base)/+/\($0.rawValue)/reported" }
    }

    /// The node whose message it was; nil where it was none.
    @discardableResult
    mutating func received(_ topic: String, _ payload: [UInt8]) -> NodeID? {
        guard topic.hasPrefix(prefix) else { return nil }
        let levels = topic.dropFirst(prefix.count).split(separator: "/")
        guard let first = levels.first, let node = try? NodeID(String(first)) else { return nil }
        // Whoever clears a node's topics wants it gone.
        guard !payload.isEmpty else {
            nodes[node] = nil
            return nil
        }
        switch levels.dropFirst().joined(separator: "/") {
        case "availability": nodes[node, default: Node()].isOnline = payload.elementsEqual("online".utf8)
        case "health": nodes[node, default: Node()].health = try? PayloadJSON.decode(Health.self, from: payload)
        default:
            guard levels.count == 3, levels[2] == "reported",
                let subject = ControlSubject(rawValue: String(levels[1])),
                let report = try? PayloadJSON.decode(ReportedState.self, from: payload)
            else { return nil }
            nodes[node, default: Node()].reports[subject] = report
        }
        return node
    }

    /// Nodes that a message for this scope reaches, by name.
    func members(of scope: EnvelopeScope) -> [NodeID] {
        switch scope {
        case .all: nodes.keys.sorted()
        case .group(let group): nodes.filter { $0.value.groups.contains(group.description) }.keys.sorted()
        case .node(let node): [node]
        }
    }

    /// Whether all of them have said how they stand with it.
    func haveReported(_ wanted: [NodeID], _ subject: ControlSubject) -> Bool {
        wanted.allSatisfy { nodes[$0]?.reports[subject] != nil }
    }

    /// The highest version of a scope that any node reports; what can be no version is left out.
    func highest(_ subject: ControlSubject, _ scope: EnvelopeScope) -> Int64 {
        nodes.values.compactMap { node -> Int64? in
            guard let report = node.reports[subject] else { return nil }
            let latest = report.target == "\(scope)" ? report.version : nil
            return [report.active["\(scope)"], latest].compactMap(\.self)
                .filter { EnvelopeHeader.versions.contains($0) }.max()
        }.max() ?? 0
    }
}
