import SedgeCore

/// Times something and the peak of the core in turn, A B A B, so that both meet the same state of a shared machine.
struct PairedTimer {
    /// What came out of one repetition each.
    struct Times {
        /// Nanoseconds a call.
        var calls: [Double] = []
        /// Multiply-accumulates a nanosecond of the loop over registers, just before; empty without one.
        var peaks: [Double] = []
    }

    let repetitions: Int
    /// Nanoseconds that a repetition takes, about.
    var slice = 2_000_000.0
    /// Nanoseconds. The thread's own time leaves out when others had the core, but also what helpers do.
    var now: () -> Int64 = Processor.threadNanoseconds

    /// - Parameter subject: does its work so many times.
    func run(peak: PeakLoop?, subject: (_ calls: Int) -> Void) -> Times {
        let calls = count(filling: slice, subject)
        let rounds = peak.map { peak in count(filling: slice / 2) { peak.run(rounds: $0) } } ?? 0
        var times = Times()
        for _ in 0..<repetitions {
            if let peak {
                times.peaks.append(peak.macs * Double(rounds) / time { peak.run(rounds: rounds) })
            }
            times.calls.append(time { subject(calls) } / Double(calls))
        }
        return times
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
