import Agent
import ArgumentParser
import Control
import SedgeCore

/// `sedge config`: settings, on their way from a file to a fleet.
struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Write, check, compare, sign and push settings.",
        discussion: """
            A file is a node's whole configuration, or a layer: TOML or JSON with nothing but what it sets. Layers lie \
            over one another: built-in default, the node's file, what all were sent, its groups, the node itself.

            EXAMPLES
              sedge config init --node gw-7 > sedge.toml
              sedge config check plant.toml
              sedge config diff sedge.toml plant.toml gw-7.toml
              sedge config push --signing-key operator.key --group plant --canary 1 --then 10% --then all plant.toml
              sedge config sign --signing-key operator.key --node gw-7 gw-7.toml > gw-7.envelope
              sedge config status --host broker
            """,
        subcommands: [Init.self, Check.self, Diff.self, Sign.self, Push.self, Status.self])

    /// `sedge config init`.
    struct Init: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "init", abstract: "Print a configuration to begin with.")

        @Option(help: "The node's name.")
        var node = "gw-1"

        @Option(help: "The broker's name or address.")
        var host = "127.0.0.1"

        @Option(help: "A public key that may change the node from afar. May be given more than once.")
        var trust: [String] = []

        func validate() throws {
            let isPlain = host.unicodeScalars.allSatisfy { !["\"", "\\", "\u{7F}"].contains($0) && $0.value >= 0x20 }
            guard isPlain else {
                throw ValidationError(
                    "--host is '\(host)', expected a name or an address without quotes, backslashes and control "
                        + "characters")
            }
        }

        func run() throws {
            guard (try? NodeID(node)) != nil else { throw ValidationError("--node \(node) is no node's name") }
            let keys = try trust.map { try SigningKeyFile.trusted($0) }
            Terminal.writeOutput(Self.text(node: node, host: host, keys: keys))
        }

        static func text(node: String, host: String, keys: [TrustedKey]) -> String {
            let trusted = keys.map { "\"\($0)\"" }.joined(separator: ", ")
            return """
                node = "\(node)"

                [mqtt]
                host = "\(host)"

                [store]
                path = "sedge.db"

                [inference]
                bundle = "sensor-base"

                [control]
                \(keys.isEmpty ? "# " : "")trusted_keys = [\(keys.isEmpty ? "\"ed25519:…\"" : trusted)]
                canary_seconds = 60

                [[stream]]
                topic = "plant/{stream}/sensors"
                channels = { vibration = "$.vibration", temperature = "$.temperature" }
                time = "$.ts"
                rate_hz = 10

                """
        }
    }

    /// `sedge config check`.
    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "check", abstract: "Check a configuration, or a layer that is to be sent.")

        @Argument(help: ArgumentHelp("TOML or JSON.", valueName: "file"))
        var files: [String]

        func run() throws {
            for path in files {
                let file = try LayerFile(path)
                if file.isWhole {
                    try Self.checkWhole(path, file)
                } else {
                    try file.checkAsLayer()
                }
                Terminal.writeOutput("\(path): OK\(file.isWhole ? "" : " (a layer)")\n")
            }
        }

        private static func checkWhole(_ path: String, _ file: LayerFile) throws {
            do {
                let configuration = try Configuration(json: file.payload)
                for note in try Agent.check(configuration) { Terminal.writeOutput("note: \(note)\n") }
            } catch let error as AgentError {
                throw Failure(error.code, "\(path): \(error)")
            } catch {
                throw Failure(.configuration, "\(path): \(error)")
            }
        }
    }

    /// `sedge config diff`.
    struct Diff: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "diff", abstract: "Show what each layer sets, and what holds in the end.")

        @Argument(
            help: ArgumentHelp("Layers, the lowest first: a node's file, a group's, a node's.", valueName: "file"))
        var files: [String]

        @Flag(help: "Print the settings as a JSON array, values as JSON text.")
        var json = false

        func run() throws {
            let table = LayerTable(layers: try files.map { try LayerFile($0) }.map { ($0.path, $0.document) })
            Terminal.writeOutput(
                json ? String(decoding: PayloadJSON.encode(table.rows), as: UTF8.self) + "\n" : table.text)
        }
    }

    /// `sedge config sign`.
    struct Sign: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "sign", abstract: "Print signed envelopes, a line each, for any MQTT client to publish.")

        @OptionGroup var target: TargetOptions
        @OptionGroup var signing: SigningOptions

        @Argument(help: ArgumentHelp("The layer: TOML or JSON.", valueName: "file"))
        var file: String

        func run() throws {
            let file = try LayerFile(file)
            try file.checkAsLayer()
            let key = try SigningKeyFile.read(signing.signingKey)
            let lines = try target.scopes().map { scope in
                let envelope = key.sign(
                    file.payload, kind: .configuration, scope: scope, version: signing.version()
                ) { signing.stamp(&$0) }
                Terminal.writeError("sedge: for \(target.topics.desired(.configuration, scope)), retained\n")
                return String(decoding: envelope.json(), as: UTF8.self)
            }
            // Without a last line end, so that a file with one envelope is the message.
            Terminal.writeOutput(lines.joined(separator: "\n"))
        }
    }

    /// `sedge config push`.
    struct Push: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "push", abstract: "Sign a layer, send it, and watch every node until it is active.",
            discussion: "Ends with 65 when a node rejects or reverts it; later stages are not sent then.")

        @OptionGroup var target: TargetOptions
        @OptionGroup var signing: SigningOptions
        @OptionGroup var broker: BrokerOptions
        @OptionGroup var push: PushOptions

        @Argument(help: ArgumentHelp("The layer: TOML or JSON.", valueName: "file"))
        var file: String

        func run() throws {
            let file = try LayerFile(file)
            try file.checkAsLayer()
            let key = try SigningKeyFile.read(signing.signingKey)
            try Pushing(
                target: target, broker: broker, options: push, subject: .configuration, delay: signing.patience
            ).run(dryRun: false) { scope, highest, only in
                key.sign(
                    file.payload, kind: .configuration, scope: scope, version: signing.version(above: highest)
                ) {
                    signing.stamp(&$0)
                    $0.only = only
                }
            }
        }
    }

    /// `sedge config status`.
    struct Status: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "status", abstract: "Show what every node says of its settings.")

        @OptionGroup var broker: BrokerOptions
        @OptionGroup var inventory: InventoryOptions

        func run() throws {
            try inventory.list(broker, command: "config") { StatusTable.text(.configuration, $0) }
        }
    }
}
