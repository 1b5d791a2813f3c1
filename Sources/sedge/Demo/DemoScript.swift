/// When what happens in the demo. Times in simulated seconds.
struct DemoScript {
    /// Long enough for 288 learned steps of the pump (8 samples at 10 Hz each), quiet time, and the fault.
    let simulatedSeconds = 600.0
    let faultAt = 400.0
    let faultRamp = 60.0
    /// The stream whose bearing wears.
    let worn = "pump-1"

    /// Seconds of a demo that the simulation does not fill: start, last messages, stop.
    private static let overhead = 4.0

    /// Multiples of real time, so that all fits into so many seconds.
    func speed(in seconds: Double) -> Double { simulatedSeconds / max(seconds - Self.overhead, 1) }
}
