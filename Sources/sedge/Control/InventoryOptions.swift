import ArgumentParser
import Control
import Messaging
import SedgeCore

/// Which nodes to ask the broker for.
struct InventoryOptions: ParsableArguments {
    @Option(help: "First level of the topics, mqtt.base_topic of the nodes.")
    var baseTopic = "sedge"

    @Option(help: "Only nodes of this group.")
    var group: String?

    @Flag(help: "Print the nodes as a JSON array.")
    var json = false

    /// Prints every node, as JSON or as a table.
    func list(
        _ broker: BrokerOptions, command: String, table: ([(NodeID, FleetInventory.Node)]) -> String
    ) throws {
        let nodes = try read(broker, command: command)
        Terminal.writeOutput(
            json
                ? String(decoding: PayloadJSON.encode(nodes.map(NodeListing.init)), as: UTF8.self) + "\n"
                : table(nodes))
    }

    /// What the broker retains of every node, by name.
    private func read(_ broker: BrokerOptions, command: String) throws -> [(NodeID, FleetInventory.Node)] {
        Interruption.watch()
        let connection = FleetConnection(
            try broker.settings(), clientID: broker.clientID(for: command),
            filters: FleetInventory.filters(base: baseTopic))
        try connection.connect()
        defer { connection.stop() }
        var inventory = FleetInventory(base: baseTopic)
        for message in connection.drain() { inventory.received(message.topic, message.payload) }
        return inventory.nodes.filter { group == nil || $0.value.groups.contains(group!) }
            .sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
}
