/// Keeps a thread's CPU time to a share of the time that passes. Pure: both times come in.
struct CPUPacer: Sendable {
    /// 0 to 1: of one core.
    var share: Double
    private var startWall: Int64?
    private var startCPU: Int64 = 0

    init(percent: Int) { share = Double(percent) / 100 }

    /// Nanoseconds to sleep before the next slice.
    /// - Parameters:
    ///   - wall: a clock that never goes back, nanoseconds.
    ///   - cpu: of the thread, nanoseconds.
    mutating func pause(wall: Int64, cpu: Int64) -> Int64 {
        guard let start = startWall else {
            (startWall, startCPU) = (wall, cpu)
            return 0
        }
        let owed = Double(cpu - startCPU) / share - Double(wall - start)
        // Time that was not used is not saved up: an idle hour buys no minute of a whole core.
        guard owed > 0 else {
            (startWall, startCPU) = (wall, cpu)
            return 0
        }
        return Int64(owed)
    }
}
