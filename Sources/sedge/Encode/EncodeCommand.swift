import ArgumentParser
import Inference
import SedgeCore

/// `sedge encode`: what the encoder makes of a recording, byte for byte.
struct EncodeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "encode",
        abstract: "Print the int8 embeddings of a recording.",
        discussion: """
            One line a step: the lane, the step, and the embedding as hexadecimal digits. A lane is a channel of the \
            recording, or all of them with a bundle that reads all channels at once. Every kernel of every processor \
            prints the same.

            EXAMPLES
              sedge encode pump.csv > here.csv
              sedge encode pump.csv --kernel scalar | cmp - here.csv
            """)

    @Argument(help: "The recording: CSV or NPY.")
    var file: String

    @Option(help: "A shipped bundle's name or a path.")
    var bundle = "sensor-base"

    @Option(help: ArgumentHelp("One variant of the kernels instead of the best.", valueName: "name"))
    var kernel: String?

    func run() throws {
        let bundle = try BenchBundle.read(bundle)
        let recording = try RecordingFile.read(file, selection: ColumnSelection())
        Terminal.writeOutput(try EmbeddedRecording(recording, path: file, bundle: bundle, kernels: .named(kernel)).csv)
    }
}
