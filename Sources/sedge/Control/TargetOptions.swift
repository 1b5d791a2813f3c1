import ArgumentParser
import Control
import SedgeCore

/// Whom a message is for.
struct TargetOptions: ParsableArguments {
    @Option(help: ArgumentHelp("A node; may be given more than once.", valueName: "node"))
    var node: [String] = []

    @Option(help: ArgumentHelp("A group of nodes.", valueName: "group"))
    var group: String?

    @Flag(help: "Every node.")
    var all = false

    @Option(help: "First level of the topics, mqtt.base_topic of the nodes.")
    var baseTopic = "sedge"

    func validate() throws {
        let given = [!node.isEmpty, group != nil, all].count { $0 }
        if given != 1 { throw ValidationError("one of --node, --group and --all is needed") }
        _ = try scopes()
    }

    /// One for nodes each, however often they are named, or one for all.
    func scopes() throws -> [EnvelopeScope] {
        if all { return [.all] }
        if let group {
            guard let scope = EnvelopeScope("group/\(group)") else {
                throw ValidationError("--group \(group) is no group's name")
            }
            return [scope]
        }
        var scopes: [EnvelopeScope] = []
        for name in node {
            guard let node = try? NodeID(name) else { throw ValidationError("--node \(name) is no node's name") }
            if !scopes.contains(.node(node)) { scopes.append(.node(node)) }
        }
        return scopes
    }

    var topics: ControlTopics { ControlTopics(base: baseTopic) }
}
