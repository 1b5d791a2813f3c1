import Glibc

/// Our side of the comparison: `ours quantize` makes the bundle, `ours serve` is the process that is timed.
@main
struct Ours {
    static let usage = """
        usage: ours quantize INPUTS CHANNELS BLOCKS TAPS EMBEDDING WEIGHTS CALIBRATION STEPS BUNDLE
               ours serve BUNDLE KERNEL STEPS WINDOW
               ours kernels
        WEIGHTS, CALIBRATION and WINDOW are little-endian float32 without a header.
        """

    static func main() {
        let arguments = Array(CommandLine.arguments.dropFirst())
        do {
            switch (arguments.first, arguments.count) {
            case ("quantize", 10): try Quantization(Array(arguments.dropFirst())).run()
            case ("serve", 5): try Worker(Array(arguments.dropFirst())).serve()
            case ("kernels", 1): Worker.listKernels()
            default: throw Refusal(description: usage)
            }
        } catch {
            let message = Array("ours: \(error)\n".utf8)
            write(STDERR_FILENO, message, message.count)
            exit(1)
        }
    }
}

struct Refusal: Error, CustomStringConvertible {
    let description: String

    /// A positive size among the arguments.
    static func size(_ text: String) throws(Refusal) -> Int {
        guard let value = Int(text), value > 0 else {
            throw Refusal(description: "found \(text), expected a positive number")
        }
        return value
    }
}
