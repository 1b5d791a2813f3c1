package import Learning

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Sums the distance between two versions of the same rows: embeddings, or any tensor on the way to them.
package struct EmbeddingDifference: Sendable {
    private var rows = 0.0
    private var squaredDifference = 0.0
    private var squares = 0.0
    private var sums: [Double]
    private var cosines = 0.0

    package init(dimensions: Int) { sums = Array(repeating: 0, count: dimensions) }

    /// Both (rows, dimensions).
    package mutating func add(_ reference: Matrix, _ other: Matrix) {
        let columns = reference.columns
        reference.withUnsafePointer { reference0 in
            other.withUnsafePointer { other in
                sums.withUnsafeMutableBufferPointer { sums in
                    for row in 0..<reference.rows {
                        var (dot, a, b) = (0.0, 0.0, 0.0)
                        for column in 0..<columns {
                            let (x, y) = (
                                Double(reference0[row * columns + column]), Double(other[row * columns + column])
                            )
                            dot += x * y
                            a += x * x
                            b += y * y
                            squaredDifference += (x - y) * (x - y)
                            sums[column] += x
                        }
                        squares += a
                        cosines += a > 0 && b > 0 ? dot / (a * b).squareRoot() : 0
                    }
                }
            }
        }
        rows += Double(reference.rows)
    }

    /// Square distance of the reference from its mean, all rows together.
    var spread: Double { squares - sums.reduce(0) { $0 + $1 * $1 } / max(1, rows) }

    /// Norm of the difference over norm of the reference around its mean.
    package var relativeError: Double { spread > 0 ? (squaredDifference / spread).squareRoot() : 0 }

    /// Norm of the reference over norm of the difference, in decibels; nil where one of them is 0.
    package var signalToNoise: Double? {
        squares > 0 && squaredDifference > 0 ? 10 * log10(squares / squaredDifference) : nil
    }

    package var cosine: Double { rows > 0 ? cosines / rows : 0 }
}
