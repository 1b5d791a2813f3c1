import ArgumentParser
import Control
import Inference
import SedgeCore

/// `sedge model`: encoders, on their way to a fleet.
struct ModelCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "model",
        abstract: "Sign bundles, push them to nodes, and see which nodes have them.",
        discussion: """
            EXAMPLES
              sedge model push --signing-key operator.key --all --canary 1 --then all pump.safetensors
              sedge model push --signing-key operator.key --node gw-7 --wait pump.safetensors
              sedge model sign --signing-key operator.key --node gw-7 pump.safetensors > pump.envelope
              sedge model status --host broker
            """,
        subcommands: [Sign.self, Push.self, Status.self])

    /// A bundle that was read and checked, as it is sent.
    struct Parcel {
        let bundle: [UInt8]
        let manifest: BundleManifest?

        init(_ path: String, isInParts: Bool) throws {
            bundle = try FileBytes.contents(of: path, limit: BundleManifest.maximumSize)
            do {
                try EncoderBundle(bytes: bundle).selfTest()
            } catch {
                throw Failure(.data, "\(path): \(error)")
            }
            // Base64 takes a third more, and a broker's limit may be a megabyte.
            manifest = isInParts || bundle.count > 700_000 ? BundleManifest(bundle: bundle) : nil
        }

        func envelope(
            _ key: SigningKey, _ scope: EnvelopeScope, version: Int64, _ edit: (inout EnvelopeHeader) -> Void
        ) -> Envelope {
            key.sign(
                manifest?.json() ?? bundle, kind: manifest == nil ? .bundle : .manifest, scope: scope,
                version: version, edit)
        }

        func parts(_ topics: ControlTopics, _ scope: EnvelopeScope) -> [(topic: String, payload: [UInt8])] {
            guard let manifest else { return [] }
            return BundleManifest.split(bundle, manifest.partSize).enumerated().map {
                (topics.part($0, scope), $1)
            }
        }
    }

    /// `sedge model sign`.
    struct Sign: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "sign", abstract: "Print a signed envelope with a bundle, for any MQTT client to publish.")

        @OptionGroup var target: TargetOptions
        @OptionGroup var signing: SigningOptions

        @Flag(help: "Nodes lay it ready and start it when model/apply asks them to.")
        var wait = false

        @Argument(help: ArgumentHelp("The bundle.", valueName: "file"))
        var file: String

        func run() throws {
            let parcel = try Parcel(file, isInParts: false)
            guard parcel.manifest == nil else {
                throw Failure(.data, "\(file) is too large for one message: sedge model push sends it in parts")
            }
            let key = try SigningKeyFile.read(signing.signingKey)
            let lines = try target.scopes().map { scope in
                Terminal.writeError("sedge: for \(target.topics.desired(.model, scope)), retained\n")
                let envelope = parcel.envelope(key, scope, version: signing.version()) {
                    signing.stamp(&$0)
                    $0.waits = wait
                }
                return String(decoding: envelope.json(), as: UTF8.self)
            }
            Terminal.writeOutput(lines.joined(separator: "\n"))
        }
    }

    /// `sedge model push`.
    struct Push: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "push", abstract: "Sign a bundle, send it, and watch every node until it is active.",
            discussion: "Ends with 65 when a node rejects or reverts it; later stages are not sent then.")

        @OptionGroup var target: TargetOptions
        @OptionGroup var signing: SigningOptions
        @OptionGroup var broker: BrokerOptions
        @OptionGroup var push: PushOptions

        @Flag(help: "Nodes lay it ready and start it when model/apply asks them to; ends when they have it.")
        var wait = false

        @Flag(help: "Send it in parts however small it is.")
        var parts = false

        @Argument(help: ArgumentHelp("The bundle.", valueName: "file"))
        var file: String

        func run() throws {
            let parcel = try Parcel(file, isInParts: parts)
            let key = try SigningKeyFile.read(signing.signingKey)
            try Pushing(
                target: target, broker: broker, options: push, subject: .model, goal: wait ? "staged" : "active",
                delay: signing.patience
            ).run(
                dryRun: false, companions: { parcel.parts(target.topics, $0) }
            ) { scope, highest, only in
                parcel.envelope(key, scope, version: signing.version(above: highest)) {
                    signing.stamp(&$0)
                    $0.waits = wait
                    $0.only = only
                }
            }
        }
    }

    /// `sedge model status`.
    struct Status: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "status", abstract: "Show what every node says of its model.")

        @OptionGroup var broker: BrokerOptions
        @OptionGroup var inventory: InventoryOptions

        func run() throws {
            try inventory.list(broker, command: "model") { StatusTable.text(.model, $0) }
        }
    }
}
