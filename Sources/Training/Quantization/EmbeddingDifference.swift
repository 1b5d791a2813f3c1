import Learning

/// Sums the distance between two sets of embeddings of the same rows.
struct EmbeddingDifference {
    private var rows = 0.0
    private var squaredDifference = 0.0
    private var squares = 0.0
    private var sums: [Double]
    private var cosines = 0.0

    init(dimensions: Int) { sums = Array(repeating: 0, count: dimensions) }

    /// Both (rows, dimensions).
    mutating func add(_ reference: Matrix, _ other: Matrix) {
        for row in 0..<reference.rows {
            var (dot, a, b) = (0.0, 0.0, 0.0)
            for column in 0..<reference.columns {
                let (x, y) = (Double(reference[row, column]), Double(other[row, column]))
                dot += x * y
                a += x * x
                b += y * y
                squaredDifference += (x - y) * (x - y)
                sums[column] += x
            }
            squares += a
            cosines += a > 0 && b > 0 ? dot / (a * b).squareRoot() : 0
        }
        rows += Double(reference.rows)
    }

    /// Norm of the difference over norm of the reference around its mean.
    var relativeError: Double {
        let centred = squares - sums.reduce(0) { $0 + $1 * $1 } / max(1, rows)
        return centred > 0 ? (squaredDifference / centred).squareRoot() : 0
    }

    var cosine: Double { rows > 0 ? cosines / rows : 0 }
}
