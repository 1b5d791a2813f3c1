import Learning
import Preprocessing
import SedgeCore

/// One augmented view of a crop: slightly rescaled, some noise added, some spans blanked as a gap would be.
struct CropView {
    private let clean: [Float]
    private let seen: [Float]
    private let isBlank: [Bool]
    private let missing: [Bool]
    private let hop: Int
    private let first: Int

    /// What a visible sample counts in reconstruction; a blanked one counts 1.
    private static let visibleWeight: Float = 0.15
    /// After so many samples a gap is no longer bridged by its last value; as `RobustNormalizer` does.
    private static let holdLimit = 8

    /// - Parameters:
    ///   - first: the newest sample of the view's first step.
    ///   - missing: samples that were missing in the recording; they are no targets.
    init(_ values: [Float], hop: Int, first: Int, missing: [Bool], _ random: inout SeededRandom) {
        self.hop = hop
        self.first = first
        self.missing = missing
        let gain = Float(random.logUniform(0.8, 1.25))
        let noise = random.uniform() < 0.5 ? 0 : random.uniform(0.005, 0.08)
        clean = values.map { max(-8, min(8, gain * $0)) }
        var seen = clean
        if noise > 0 {
            for index in seen.indices {
                seen[index] = max(-8, min(8, seen[index] + Float(noise * random.standardNormal())))
            }
        }
        var isBlank = [Bool](repeating: false, count: values.count)
        if random.uniform() < 0.8 { Self.blank(&seen, &isBlank, &random) }
        self.seen = seen
        self.isBlank = isBlank
    }

    /// Blanks spans of 1 to 24 samples, about a seventh of all: the last value held, then the level, which is 0.
    private static func blank(_ seen: inout [Float], _ isBlank: inout [Bool], _ random: inout SeededRandom) {
        var position = 1 + Int(random.logUniform(4, 100))
        while position < seen.count {
            let length = Int(random.logUniform(1, 25))
            let held = seen[position - 1]
            for index in position..<min(seen.count, position + length) {
                seen[index] = index - position < holdLimit ? held : 0
                isBlank[index] = true
            }
            position += length + 1 + Int(random.logUniform(4, 100))
        }
    }

    func write(lane: Int, steps: Int, patch: Int, targets: PretextTargets, into batch: inout PretextBatch) {
        let (lanes, columns) = (batch.lanes, targets.columns)
        batch.patches.withUnsafeMutablePointer { patches in
            batch.targets.withUnsafeMutablePointer { rows in
                batch.weights.withUnsafeMutablePointer { weights in
                    clean.withUnsafeBufferPointer { clean in
                        for step in 0..<steps {
                            let row = step * lanes + lane
                            let position = first + step * hop
                            for index in 0..<patch {
                                patches[row * patch + index] = seen[position - patch + 1 + index]
                            }
                            targets.write(rows + row * columns, from: clean.baseAddress!, at: position)
                            write(weights + row * columns, at: position, targets)
                        }
                    }
                }
            }
        }
    }

    private func write(_ row: UnsafeMutablePointer<Float>, at position: Int, _ targets: PretextTargets) {
        for index in 0..<targets.history {
            let sample = position - targets.history + 1 + index
            row[index] = missing[sample] ? 0 : isBlank[sample] ? 1 : Self.visibleWeight
        }
        for index in 0..<targets.future {
            row[targets.history + index] = missing[position + 1 + index] ? 0 : 1
        }
        for index in targets.history + targets.future..<targets.columns { row[index] = 1 }
    }
}
