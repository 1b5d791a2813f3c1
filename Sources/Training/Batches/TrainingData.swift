import Learning

/// What a run learns from beside generated signals: recordings, the part that is kept from it, and names of classes.
package struct TrainingData: Sendable {
    package let training: [TrainingSeries]
    /// What the run is watched on and never learns from.
    package let heldOut: [TrainingSeries]
    /// Names of the classes that series have, by their number.
    package let classes: [String]

    package static let none = Self(training: [], heldOut: [], classes: [])

    private init(training: [TrainingSeries], heldOut: [TrainingSeries], classes: [String]) {
        self.training = training
        self.heldOut = heldOut
        self.classes = classes
    }

    /// Keeps the last tenth of every series that is long enough; of shorter ones, every tenth whole.
    ///
    /// - Parameter shortest: samples that one crop needs.
    package init(_ series: [TrainingSeries], classes: [String] = [], shortest: Int) throws(TrainingError) {
        try Self.checkClasses(series, classes)
        var (training, heldOut): ([TrainingSeries], [TrainingSeries]) = ([], [])
        var short = 0
        for one in series {
            let tail = max(shortest, one.count / 10)
            if one.count >= 3 * shortest,
                one.channels.contains(where: { TrainingSeries.varies(Array($0.suffix(tail))) })
            {
                training.append(one.part(0..<one.count - tail))
                heldOut.append(one.part(one.count - tail..<one.count))
            } else {
                short += 1
                if short % 10 == 0 { heldOut.append(one) } else { training.append(one) }
            }
        }
        self.init(training: training, heldOut: heldOut, classes: classes)
    }

    /// Level and scale of each input over all recordings, for a bundle that brings its own: the median, and 1.4826 times
    /// the median distance from it, which is the standard deviation of Gaussian noise. One input: of all channels.
    package func scales(inputs: Int) -> [(level: Double, scale: Double)] {
        (0..<inputs).map { input in
            let values = training.flatMap { series in
                inputs == 1 ? series.channels.flatMap { $0 } : series.channels[input]
            }.filter(\.isFinite)
            let level = Self.median(values)
            let distance = Self.median(values.map { abs($0 - level) })
            // Where more than half are one value, the mean distance of the others has to do.
            let mean = values.reduce(0) { $0 + abs($1 - level) } / Double(max(1, values.count))
            let scale = distance == 0 ? 1.2533 * mean : 1.4826 * distance
            // Constants have none, and of numbers at the end of what there is it overflows.
            return (level, scale > 0 && scale.isFinite ? scale : 1)
        }
    }

    private static func median(_ values: [Double]) -> Double {
        values.isEmpty ? 0 : values.sorted()[values.count / 2]
    }

    /// A number that changes with any value, so that a run does not go on with other recordings than it began with.
    package var fingerprint: UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325  // FNV-1a, a word at a time
        func add(_ word: UInt64) { hash = (hash ^ word) &* 0x100_0000_01B3 }
        for one in training + heldOut {
            add(UInt64(one.count))
            for channel in one.channels { channel.forEach { add($0.bitPattern) } }
            one.classes.forEach { add(UInt64(bitPattern: Int64($0))) }
        }
        return hash
    }

    /// A class that was seen once can be learned by heart and not tested.
    private static func checkClasses(_ series: [TrainingSeries], _ classes: [String]) throws(TrainingError) {
        guard !classes.isEmpty else { return }
        var counts = [Int](repeating: 0, count: classes.count)
        for one in series {
            for label in one.classes where label != CrossEntropyLoss.unknown { counts[Int(label)] += 1 }
        }
        guard classes.count >= 2 else {
            throw TrainingError("found one class of labels, \"\(classes[0])\", expected at least two")
        }
        for (index, count) in counts.enumerated() where count < 2 {
            throw TrainingError(
                "class \"\(classes[index])\": found \(count) labelled row\(count == 1 ? "" : "s"), expected at least 2")
        }
    }
}
