import ArgumentParser
import Learning
import Training

/// What decides the weights of a run, besides recordings; refused beside --resume, since a checkpoint brings its own.
struct TrainingOptions: ParsableArguments {
    @Option(help: "The network: \(NetworkSize.allCases.map(\.rawValue).joined(separator: " or ")).")
    var size: NetworkSize?

    @Option(help: "Training steps (default: 1000).")
    var steps: Int?

    @Option(help: "Instead of --steps: as many as fit in so many minutes, judged by the first few.")
    var minutes: Double?

    @Option(help: "Where all randomness comes from (default: 1).")
    var seed: UInt64?

    @Option(
        help: ArgumentHelp(
            "A pretext task and its weight; may be repeated, and those not named are left out: "
                + PretextTasks.names.map(\.name).joined(separator: ", ") + " (default: the shipped encoders' mix).",
            valueName: "name=weight"))
    var task: [String] = []

    @Option(
        help: ArgumentHelp(
            "How views differ; may be repeated: " + Augmentation.names.map(\.name).joined(separator: ", ") + ".",
            valueName: "name=value"))
    var augment: [String] = []

    @Option(help: ArgumentHelp("The largest learning rate (default: 0.005).", valueName: "rate"))
    var peakRate: Float?

    @Option(help: ArgumentHelp("Encoder steps in a batch (default: 8192).", valueName: "count"))
    var rows: Int?

    @Option(
        help: ArgumentHelp(
            "Steps between two looks at held-out data (default: a twentieth of the run).", valueName: "steps"))
    var watchEvery: Int?

    @Option(
        help: ArgumentHelp(
            "Looks without a better one after which the run ends; 0: never (default: 6).", valueName: "looks"))
    var patience: Int?

    @Option(
        help: ArgumentHelp(
            "Try so many configurations first and keep the best; half of --minutes is for that.", valueName: "count"))
    var search: Int?

    var isEmpty: Bool {
        size == nil && steps == nil && minutes == nil && seed == nil && task.isEmpty && augment.isEmpty
            && peakRate == nil && rows == nil && watchEvery == nil && patience == nil && search == nil
    }

    func validate() throws {
        func check(_ value: Int?, _ name: String, _ range: ClosedRange<Int>) throws {
            guard let value, !range.contains(value) else { return }
            throw ValidationError("--\(name) is \(value), expected \(range.lowerBound) to \(range.upperBound)")
        }
        try check(steps, "steps", 1...10_000_000)
        try check(rows, "rows", 1024...1_000_000)
        try check(watchEvery, "watch-every", 1...10_000_000)
        try check(patience, "patience", 0...1_000_000)
        try check(search, "search", 2...1000)
        if let minutes, !(minutes > 0 && minutes <= 100_000) {
            throw ValidationError("--minutes is \(minutes), expected a number above 0")
        }
        if let peakRate, !(peakRate > 0 && peakRate <= 1) {
            throw ValidationError("--peak-rate is \(peakRate), expected a number above 0 and at most 1")
        }
        if steps != nil && minutes != nil { throw ValidationError("--steps and --minutes exclude each other") }
        if search != nil && minutes == nil { throw ValidationError("--search needs --minutes, its time") }
        _ = try tasks()
        _ = try augmentation()
    }

    /// What --task says, or the shipped encoders' mix.
    func tasks() throws -> PretextTasks {
        guard !task.isEmpty else { return .standard }
        var tasks = PretextTasks()
        for text in task {
            let (name, value) = try Self.pair(text, option: "task")
            guard let known = PretextTasks.names.first(where: { $0.name == name }) else {
                throw Self.unknown(name, "task", PretextTasks.names.map(\.name))
            }
            guard value > 0, value <= 1000 else {
                throw ValidationError("--task \(name) is \(value), expected a weight above 0 and at most 1000")
            }
            tasks[keyPath: known.weight] = Float(value)
        }
        return tasks
    }

    func augmentation() throws -> Augmentation {
        var augmentation = Augmentation()
        for text in augment {
            let (name, value) = try Self.pair(text, option: "augment")
            guard let known = Augmentation.names.first(where: { $0.name == name }) else {
                throw Self.unknown(name, "augmentation", Augmentation.names.map(\.name))
            }
            known.set(&augmentation, value)
            guard augmentation.isPossible else {
                throw ValidationError("--augment \(name) is \(value), which is out of its range")
            }
        }
        return augmentation
    }

    private static func pair(_ text: String, option: String) throws -> (String, Double) {
        let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
        guard parts.count == 2, let value = Double(parts[1]), value.isFinite else {
            throw ValidationError("--\(option) is '\(text)', expected name=number")
        }
        return (parts[0], value)
    }

    private static func unknown(_ name: String, _ kind: String, _ known: [String]) -> ValidationError {
        ValidationError("found no \(kind) '\(name)', there are \(known.joined(separator: ", "))")
    }
}

/// The networks that can be trained from the command line.
enum NetworkSize: String, CaseIterable, ExpressibleByArgument {
    case tcn64, tcn32

    var shape: NetworkShape {
        switch self {
        case .tcn64: .tcn64
        case .tcn32: .tcn32
        }
    }

    /// That of a shape, whatever its input channels.
    init?(_ shape: NetworkShape) {
        var shape = shape
        shape.inputs = 1
        guard let size = Self.allCases.first(where: { $0.shape == shape }) else { return nil }
        self = size
    }
}
