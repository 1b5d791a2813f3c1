import Control
import Messaging
import SedgeCore

/// What every push has in common: connect, read what is reported, send, watch.
struct Pushing {
    let target: TargetOptions
    let broker: BrokerOptions
    let options: PushOptions
    let subject: ControlSubject
    /// The status at which a node is done.
    var goal = "active"
    /// Seconds before which no node can be.
    var delay = 0.0

    func run(
        dryRun: Bool, companions: @escaping (EnvelopeScope) -> [(topic: String, payload: [UInt8])] = { _ in [] },
        envelope: @escaping (EnvelopeScope, Int64, [NodeID]?) -> Envelope
    ) throws {
        let scopes = try target.scopes()
        if dryRun {
            for scope in scopes {
                Terminal.writeOutput(String(decoding: envelope(scope, 0, nil).json(), as: UTF8.self) + "\n")
            }
            return
        }
        Interruption.watch()
        let connection = FleetConnection(
            try broker.settings(), clientID: broker.clientID(for: "push"),
            filters: FleetInventory.filters(base: target.baseTopic))
        try connection.connect()
        defer { connection.stop() }
        var inventory = FleetInventory(base: target.baseTopic)
        // Of nodes that are named, no more need be known than what they say themselves.
        let named = scopes.compactMap { if case .node(let node) = $0 { node } else { NodeID?.none } }
        _ = connection.drain { messages in
            for message in messages { inventory.received(message.topic, message.payload) }
            return named.count == scopes.count && inventory.haveReported(named, subject)
        }
        try PushRun(
            connection: connection, topics: target.topics, subject: subject, stages: options.stages(),
            patience: options.timeout + delay, goal: goal, printsJSON: options.json, envelope: envelope,
            companions: companions
        ).run(scopes, inventory: inventory)
    }
}
