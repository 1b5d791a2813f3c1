import CPeak

/// A loop over registers, of the instructions that one variant of the kernels multiplies with: the most that this core
/// can do.
struct PeakLoop {
    /// The variant's name.
    let kernel: String
    let instructions: String
    /// Multiply-accumulates of a round.
    let macs: Double
    private let body: @convention(c) (Int) -> Void

    func run(rounds: Int) { body(rounds) }

    /// That of a variant, which this processor has to run; nil where there is none.
    static func of(_ kernel: String) -> PeakLoop? {
        var index = 0
        while let peak = sedge_peak_at(index)?.pointee {
            index += 1
            guard String(cString: peak.kernels) == kernel else { continue }
            return PeakLoop(
                kernel: kernel, instructions: String(cString: peak.instructions), macs: Double(peak.macs),
                body: peak.run)
        }
        return nil
    }
}
