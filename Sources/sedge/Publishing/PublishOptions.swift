import ArgumentParser

/// How messages are handed to the broker and what is said about it: shared by `simulate` and `replay`.
struct PublishOptions: ParsableArguments {
    @Option(help: "Quality of service, 0 or 1.")
    var qos = 0

    @Option(help: ArgumentHelp("How long to try to connect at the start.", valueName: "seconds"))
    var connectTimeout = 5.0

    @Flag(help: "Print the summary as JSON on stdout.")
    var json = false

    func validate() throws {
        if qos != 0 && qos != 1 { throw ValidationError("--qos is \(qos), expected 0 or 1") }
        if !(connectTimeout > 0 && connectTimeout < 1e6) {
            throw ValidationError("--connect-timeout is \(connectTimeout), expected a number of seconds above 0")
        }
    }
}

extension Pace: ExpressibleByArgument {
    /// The argument of `--speed`.
    init?(argument: String) { self.init(speed: argument) }

    var defaultValueDescription: String {
        switch self {
        case .speed(let speed): speed == speed.rounded() ? "\(Int(speed))" : "\(speed)"
        case .rate(let rate): "\(rate) messages/s"
        case .unlimited: "max"
        }
    }
}
