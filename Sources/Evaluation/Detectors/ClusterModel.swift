import SedgeCore

/// Distance of a raw window to the nearest of some cluster centres (k-means, Lloyd; centres seeded as k-means++).
struct ClusterModel: ChannelModel {
    let window: Int
    let clusters: Int
    private static let rounds = 20

    func scores(of column: [Double], fitted: Int) -> [Double] {
        let known = windows(of: column, endingIn: 0..<fitted, length: window)
        guard known.count > 1 else { return [Double](repeating: 0, count: column.count) }
        let centres = Self.centres(known.map(Array.init), count: min(clusters, max(1, known.count / 4)))
        var scores = [Double](repeating: 0, count: column.count)
        for row in max(0, window - 1)..<max(window - 1, column.count) {
            scores[row] = Self.nearest(column[(row - window + 1)...row], centres).distance.squareRoot()
        }
        return scores
    }

    private static func centres(_ samples: [[Double]], count: Int) -> [[Double]] {
        var random = SeededRandom(seed: 1)
        var centres = [samples[Int(random.uniform() * Double(samples.count))]]
        while centres.count < count {
            let distances = samples.map { nearest($0[...], centres).distance }
            var rest = random.uniform() * distances.reduce(0, +)
            let chosen = distances.firstIndex { distance in
                rest -= distance
                return rest < 0
            }
            guard let chosen else { break }
            centres.append(samples[chosen])
        }
        for _ in 0..<rounds {
            var sums = centres.map { [Double](repeating: 0, count: $0.count) }
            var counts = [Double](repeating: 0, count: centres.count)
            for sample in samples {
                let index = nearest(sample[...], centres).index
                counts[index] += 1
                for position in sample.indices { sums[index][position] += sample[position] }
            }
            let moved = centres.indices.map {
                counts[$0] > 0 ? sums[$0].map { [n = counts[$0]] in $0 / n } : centres[$0]
            }
            if moved == centres { break }
            centres = moved
        }
        return centres
    }

    private static func nearest(_ sample: ArraySlice<Double>, _ centres: [[Double]]) -> (index: Int, distance: Double) {
        var best = (index: 0, distance: Double.infinity)
        for (index, centre) in centres.enumerated() {
            var distance = 0.0
            for position in centre.indices {
                let difference = sample[sample.startIndex + position] - centre[position]
                distance += difference * difference
            }
            if distance < best.distance { best = (index, distance) }
        }
        return best
    }
}
