import SedgeCore

/// What a benchmark has to say: as JSON for programs, as a table for people.
struct BenchReport<Row: BenchRow>: Codable {
    /// The peak of one variant, over all repetitions of the run.
    struct Peak: Codable {
        var kernel: String
        var instructions: String
        var gmacPerSecond: Spread

        private enum CodingKeys: String, CodingKey {
            case kernel, instructions
            case gmacPerSecond = "gmac_per_second"
        }
    }

    var v = 1
    /// `kernels`, `encoder` or `pipeline`.
    var bench: String
    var version = Version.current
    var processor = Processor.name
    var cores = Processor.cores
    var repetitions: Int
    var threads: Int
    var peaks: [Peak] = []
    var rows: [Row] = []

    init(bench: String, repetitions: Int, threads: Int) {
        self.bench = bench
        self.repetitions = repetitions
        self.threads = threads
    }

    func write(asJSON: Bool) {
        Terminal.writeOutput(asJSON ? String(decoding: PayloadJSON.encode(self), as: UTF8.self) + "\n" : text)
    }

    var text: String {
        var lines = ["\(processor), \(cores) core\(cores == 1 ? "" : "s"), sedge \(version)"]
        lines.append(
            "median (lowest to highest) of \(repetitions) repetitions"
                + (peaks.isEmpty ? "" : ", in turn with the peak of the core; rounds that others disturbed left out"))
        lines += peaks.map { "peak of \($0.kernel): \($0.gmacPerSecond.text(digits: 1)) GMAC/s, \($0.instructions)" }
        let table = TextTable(header: Row.header, leading: Row.leading, rows: rows.map(\.cells))
        return lines.joined(separator: "\n") + "\n\n" + table.text
    }
}

/// A line of a benchmark's table.
protocol BenchRow: Codable {
    static var header: [String] { get }
    /// Columns that are text; the others are numbers and stand flush right.
    static var leading: Int { get }
    var cells: [String] { get }
}

extension Spread {
    /// `12.3 (11.9 to 14.0)`
    func text(digits: Int, factor: Double = 1) -> String {
        "\(fixed(median * factor, digits)) (\(fixed(low * factor, digits)) to \(fixed(high * factor, digits)))"
    }
}

extension Optional<Spread> {
    /// Whole percent, or nothing.
    var percent: String { map { $0.text(digits: 0, factor: 100) + " %" } ?? "" }
    func text(digits: Int) -> String { map { $0.text(digits: digits) } ?? "" }
}

extension BenchReport {
    /// Adds what a variant's peak was over the run.
    mutating func add(_ peak: PeakLoop?, _ speeds: [Double]) {
        guard let peak, !speeds.isEmpty else { return }
        peaks.append(Peak(kernel: peak.kernel, instructions: peak.instructions, gmacPerSecond: Spread(speeds)))
    }
}
