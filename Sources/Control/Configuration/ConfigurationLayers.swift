package import SedgeCore

/// What a node's settings are made of, lowest first: built-in defaults, the file, what all nodes were sent, its groups
/// in the order of `control.groups`, and what it was sent itself. Each layer holds only what it sets.
package struct ConfigurationLayers: Hashable, Sendable {
    /// The file's, as JSON.
    package var file: JSONDocument
    /// Payloads that are in force, by scope.
    package var remote: [EnvelopeScope: JSONDocument]

    package init(file: JSONDocument, remote: [EnvelopeScope: JSONDocument] = [:]) {
        self.file = file
        self.remote = remote
    }

    /// Keys that come from the file alone: who the node is, how it proves it, whom it trusts, and where it keeps that.
    package static let fileOnly = [
        "node", "store.path", "mqtt.base_topic", "mqtt.discovery_prefix", "mqtt.username", "mqtt.password_file",
        "mqtt.tls", "mqtt.publish.username", "mqtt.publish.password_file", "mqtt.publish.tls",
        "control.trusted_keys", "control.groups",
    ]

    /// Reads a payload: a JSON object that sets nothing which only the file may set.
    package static func read(_ payload: [UInt8]) throws(Refusal) -> JSONDocument {
        let document: JSONDocument
        do {
            document = try JSONParser.parse(payload[...])
        } catch {
            throw .unusable("the configuration is no JSON: at offset \(error.offset), expected \(error.expected)")
        }
        guard case .object = document else { throw .unusable("the configuration is no object") }
        for key in fileOnly where document.sets(key) {
            throw .unusable("\(key) comes from the node's file and can not be sent")
        }
        return document
    }

    /// The scopes of a node, lowest first.
    package static func order(node: NodeID, groups: [GroupID]) -> [EnvelopeScope] {
        [.all] + groups.map(EnvelopeScope.group) + [.node(node)]
    }

    /// All layers as one document.
    package func merged(_ order: [EnvelopeScope]) -> JSONDocument {
        order.reduce(file) { document, scope in remote[scope].map(document.merging) ?? document }
    }

    /// All layers as one configuration, checked as a file is.
    package func configuration(_ order: [EnvelopeScope]) throws(ConfigurationError) -> Configuration {
        try Configuration(json: Array(merged(order).text.utf8))
    }
}

extension JSONDocument {
    /// Whether a patch sets the key at this path, or takes it or a table around it away.
    fileprivate func sets(_ path: String) -> Bool {
        var node = self
        for step in path.split(separator: ".") {
            // Anything but a table in a table's place replaces the table.
            guard case .object(let members) = node else { return true }
            guard let next = members[String(step)] else { return false }
            node = next
        }
        return true
    }
}
