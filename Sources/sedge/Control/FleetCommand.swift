import ArgumentParser
import Control
import SedgeCore

/// `sedge fleet`: many nodes at once.
struct FleetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fleet",
        abstract: "List nodes, and simulate many.",
        discussion: """
            EXAMPLES
              sedge fleet ls --host broker
              sedge fleet simulate --nodes 1000 --trust operator.key
            """,
        subcommands: [List.self, Simulate.self])

    /// `sedge fleet ls`.
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "ls", abstract: "List every node that the broker knows, and when it was last heard.")

        @OptionGroup var broker: BrokerOptions
        @OptionGroup var inventory: InventoryOptions

        func run() throws {
            try inventory.list(broker, command: "fleet") { StatusTable.fleet($0, now: SystemTime.now()) }
        }
    }

    /// `sedge fleet simulate`.
    struct Simulate: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "simulate",
            abstract: "Be many nodes: each with its connection, its keys and versions, and an agent's own decisions.")

        @OptionGroup var broker: BrokerOptions

        @Option(help: "How many.")
        var nodes = 100

        @Option(help: "A public key that they trust, or a private key's file.")
        var trust: String

        @Option(help: "A group that all are in.")
        var group: String?

        @Option(help: "How long each watches a change.")
        var canarySeconds = 1.0

        @Option(help: "The node of this number reverts whatever it is sent; 0: none does.")
        var fails = 0

        @Option(help: "First level of the topics.")
        var baseTopic = "sedge"

        @Option(help: "How long (default: until it is interrupted).")
        var seconds: Double?

        func validate() throws {
            guard (1...20_000).contains(nodes) else {
                throw ValidationError("--nodes is \(nodes), expected 1 to 20000")
            }
            if !(0...86_400).contains(canarySeconds) {
                throw ValidationError("--canary-seconds is \(canarySeconds), expected 0 to 86400")
            }
            if let seconds, !(seconds > 0 && seconds <= 1e9) {
                throw ValidationError("--seconds is \(seconds), expected a number above 0")
            }
            if let group, (try? GroupID(group)) == nil { throw ValidationError("--group \(group) is no group's name") }
        }

        func run() throws {
            Interruption.watch()
            let key = try SigningKeyFile.trusted(trust)
            let group = try group.map { try GroupID($0) }
            var fleet: [SimulatedNode] = []
            for number in 1...nodes {
                let name = String(number)
                let node = try NodeID("sim-\(String(repeating: "0", count: max(0, 5 - name.count)))\(name)")
                fleet.append(
                    SimulatedNode(
                        node: node, groups: [group].compactMap(\.self), key: key, base: baseTopic,
                        settings: try broker.settings(), canarySeconds: canarySeconds, reverts: number == fails))
            }
            for node in fleet { node.start() }
            let end = seconds.map { SystemTime.monotonicNanoseconds() + Int64($0 * 1e9) }
            var connected = 0
            while !Interruption.isRequested, end.map({ SystemTime.monotonicNanoseconds() < $0 }) ?? true {
                Interruption.pause(milliseconds: 100)
                for node in fleet { node.tick() }
                let count = fleet.count { $0.isConnected }
                if count != connected, count == nodes { Terminal.writeOutput("\(count) nodes are connected\n") }
                connected = count
            }
            for node in fleet { node.stop() }
        }
    }
}
