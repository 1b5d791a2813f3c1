import SedgeCore

/// Times something and the peak of the core in turn, A B A B, so that both meet the same state of a shared machine.
///
/// A neighbour on the other half of a core takes more from one loop than from another, so what both meet is not enough:
/// rounds in which the peak itself, before or after, fell short of its best are left out as far as others can be had.
struct PairedTimer {
    /// What came out of one round each.
    struct Times: Equatable {
        /// Nanoseconds a call.
        var calls: [Double] = []
        /// Multiply-accumulates a nanosecond of the loop over registers, before and after; empty without one.
        var peaks: [Double] = []
        /// Rounds that were left out, since somebody else had a part of the core.
        var disturbed = 0
    }

    let repetitions: Int
    /// Nanoseconds that a repetition takes, about.
    let slice: Double
    /// Nanoseconds. The thread's own time leaves out when others had the core, but also what helpers do.
    var now: () -> Int64 = Processor.threadNanoseconds
    /// The most that the loop over registers reached so far.
    private var best = 0.0

    /// Of the best peak; less is somebody else's doing.
    private static let undisturbed = 0.95
    /// Rounds for each repetition before disturbed ones are taken too.
    private static let patience = 8

    init(repetitions: Int, slice: Double = 2_000_000) {
        self.repetitions = repetitions
        self.slice = slice
    }

    /// - Parameters:
    ///   - peak: the same one in every call.
    ///   - subject: does its work so many times.
    mutating func run(peak: PeakLoop?, subject: (_ calls: Int) -> Void) -> Times {
        let calls = count(filling: slice, subject)
        func call() -> Double { time { subject(calls) } / Double(calls) }
        guard let peak else { return Times(calls: (0..<repetitions).map { _ in call() }) }
        let rounds = count(filling: slice / 2) { peak.run(rounds: $0) }
        func speed() -> Double { peak.macs * Double(rounds) / time { peak.run(rounds: rounds) } }
        var speeds = [speed()]
        var times: [Double] = []
        var kept: [Int] = []
        while times.count < repetitions * Self.patience && (times.count < repetitions || kept.count < repetitions) {
            times.append(call())
            speeds.append(speed())
            best = max(best, speeds.max()!)
            kept = times.indices.filter { min(speeds[$0], speeds[$0 + 1]) >= Self.undisturbed * best }
        }
        let disturbed = times.count - kept.count
        if kept.isEmpty { kept = Array(times.indices) }
        return Times(
            calls: kept.map { times[$0] }, peaks: kept.map { (speeds[$0] + speeds[$0 + 1]) / 2 }, disturbed: disturbed)
    }

    /// How many calls fill a time; the calls that find out also warm up.
    private func count(filling nanoseconds: Double, _ body: (Int) -> Void) -> Int {
        var count = 1
        while true {
            let time = time { body(count) }
            if time >= nanoseconds { return count }
            // Once the measurement means something, straight there; before, by doubling.
            let factor = time > nanoseconds / 16 ? nanoseconds / time * 1.05 : 2
            count = max(count + 1, Int(Double(count) * factor))
        }
    }

    private func time(_ body: () -> Void) -> Double {
        let start = now()
        body()
        return Double(max(1, now() - start))
    }
}
