package import SedgeCore

/// Where a node is changed from, and where it answers: the topics of `docs/reference/topics.md`, built and read.
package struct ControlTopics: Hashable, Sendable {
    /// `sedge` unless configured.
    package let base: String

    package init(base: String) { self.base = base }

    /// What arrives at a topic.
    package enum Address: Hashable, Sendable {
        case desired(ControlSubject, EnvelopeScope)
        /// A part of a bundle, by its number.
        case part(EnvelopeScope, Int)
        /// `model/apply`.
        case apply
    }

    package func desired(_ subject: ControlSubject, _ scope: EnvelopeScope) -> String {
        "\(root(scope))/\(subject.rawValue)/desired"
    }

    package func part(_ number: Int, _ scope: EnvelopeScope) -> String { "\(desired(.model, scope))/\(number)" }

    /// Matches all parts.
    package func parts(_ scope: EnvelopeScope) -> String { "\(desired(.model, scope))/+" }

    package func apply(_ node: NodeID) -> String { "\(base)/\(node)/model/apply" }

    package func reported(_ subject: ControlSubject, _ node: NodeID) -> String {
        "\(base)/\(node)/\(subject.rawValue)/reported"
    }

    /// What of this is a node's own to hear.
    package func subscriptions(_ node: NodeID, groups: [GroupID]) -> [String] {
        let scopes = ConfigurationLayers.order(node: node, groups: groups)
        return ControlSubject.allCases.flatMap { subject in scopes.map { desired(subject, $0) } } + [apply(node)]
    }

    /// What a topic is for; nil: nothing of ours.
    package func address(_ topic: some StringProtocol, node: NodeID) -> Address? {
        guard topic.hasPrefix("\(base)/") else { return nil }
        var levels = topic.dropFirst(base.count + 1).split(separator: "/", omittingEmptySubsequences: false)[...]
        guard let scope = scope(&levels, node) else { return nil }
        if levels.elementsEqual(["model", "apply"]) { return scope == .node(node) ? .apply : nil }
        guard levels.count >= 2, let subject = ControlSubject(rawValue: String(levels[levels.startIndex])),
            levels[levels.startIndex + 1] == "desired"
        else { return nil }
        if levels.count == 2 { return .desired(subject, scope) }
        guard levels.count == 3, subject == .model, let text = levels.last, let number = Int(text), number >= 0,
            "\(number)" == text
        else { return nil }
        return .part(scope, number)
    }

    private func root(_ scope: EnvelopeScope) -> String {
        switch scope {
        case .all: "\(base)/group/\(EnvelopeScope.everyGroup)"
        case .group(let group): "\(base)/group/\(group)"
        case .node(let node): "\(base)/\(node)"
        }
    }

    private func scope(_ levels: inout ArraySlice<some StringProtocol>, _ node: NodeID) -> EnvelopeScope? {
        guard let first = levels.popFirst() else { return nil }
        // A node may be called "group", and then its topics have a level less.
        if first == "group", levels.count >= 3, let name = levels.first {
            if name == EnvelopeScope.everyGroup {
                levels.removeFirst()
                return .all
            }
            if let group = try? GroupID(String(name)), ControlSubject(rawValue: String(name)) == nil {
                levels.removeFirst()
                return .group(group)
            }
        }
        return first == node.description ? .node(node) : nil
    }
}
