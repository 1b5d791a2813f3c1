import SedgeCore

/// A bar over the measurements of a benchmark.
struct BenchProgress {
    private var report: ProgressReport
    private var done = 0

    init(total: Int) {
        report = ProgressReport(total: total, now: SystemTime.monotonicNanoseconds(), interval: 0)
    }

    mutating func next(_ note: String) {
        report.update(done: done, now: SystemTime.monotonicNanoseconds(), note: note)
        done += 1
    }

    func finish() { report.finish() }
}
