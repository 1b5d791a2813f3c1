import ArgumentParser
import Control
import SedgeCore

/// `sedge keys`: the keys that may change nodes.
struct KeysCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys",
        abstract: "Make and rotate the keys that may change nodes from afar.",
        discussion: """
            EXAMPLES
              sedge keys new operator.key
              sedge keys show operator.key
              sedge keys rotate --signing-key old.key --add new.key --revoke old.key --all --host broker
            """,
        subcommands: [New.self, Show.self, Rotate.self])

    /// `sedge keys new`.
    struct New: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "new", abstract: "Make a key; prints its public half for control.trusted_keys.")

        @Argument(help: ArgumentHelp("Where the private key goes, readable for you alone.", valueName: "file"))
        var file: String

        func run() throws {
            let key = SigningKey()
            try SigningKeyFile.write(key, to: file)
            Terminal.writeOutput("\(key.trusted)\n")
            Terminal.writeError("sedge: key \(key.trusted.id) is in \(file); keep it where nobody else can read it\n")
        }
    }

    /// `sedge keys show`.
    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show", abstract: "Print a key's public half and its name.")

        @Argument(help: ArgumentHelp("A private key's file, or a public key.", valueName: "key"))
        var key: String

        func run() throws {
            let trusted = try SigningKeyFile.trusted(key)
            Terminal.writeOutput("\(trusted)\n\(trusted.id)\n")
        }
    }

    /// `sedge keys rotate`.
    struct Rotate: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "rotate", abstract: "Tell nodes to trust another key, or no longer to trust one.")

        @OptionGroup var target: TargetOptions
        @OptionGroup var signing: SigningOptions
        @OptionGroup var broker: BrokerOptions
        @OptionGroup var push: PushOptions

        @Option(help: "A key to trust: a public key, or a private key's file. May be given more than once.")
        var add: [String] = []

        @Option(help: "A key not to trust any more: its name, a public key or a file. May be given more than once.")
        var revoke: [String] = []

        @Flag(help: "Print the envelopes, a line each, and publish nothing.")
        var dryRun = false

        func validate() throws {
            if add.isEmpty, revoke.isEmpty { throw ValidationError("one of --add and --revoke is needed") }
        }

        func run() throws {
            let key = try SigningKeyFile.read(signing.signingKey)
            let change = KeyChange(
                add: try add.map { try SigningKeyFile.trusted($0) },
                revoke: try revoke.map { text in
                    if let id = KeyID(text) { return id }
                    return try SigningKeyFile.trusted(text).id
                })
            try Pushing(
                target: target, broker: broker, options: push, subject: .keys, delay: signing.patience
            ).run(dryRun: dryRun) { scope, highest, only in
                key.sign(change.json(), kind: .keys, scope: scope, version: signing.version(above: highest)) {
                    signing.stamp(&$0)
                    $0.only = only
                }
            }
        }
    }
}
