import SedgeCore

/// A control: numbers that know nothing of the series. Seeded by its name.
struct RandomDetector: Detector {
    let name = "random"

    func run(on series: DetectionSeries) -> DetectorOutput {
        let seed = series.name.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        var random = SeededRandom(seed: seed)
        return DetectorOutput(scores: series.times.map { _ in random.uniform() })
    }
}

/// A control: an alarm every so many rows, whatever happens.
struct PeriodicDetector: Detector {
    let name: String
    let period: Int

    init(period: Int) {
        self.period = period
        name = "an alarm every \(period) rows"
    }

    func run(on series: DetectionSeries) -> DetectorOutput {
        let alarms = Array(stride(from: period, to: series.rowCount, by: period))
        var output = DetectorOutput(scores: [Double](repeating: 0, count: series.rowCount))
        for row in alarms { output.scores[row] = 1 }
        return output
    }
}
