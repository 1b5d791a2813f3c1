/// A dense row-major float32 matrix.
///
/// Sequences are time-major: row `t · lanes + lane` is the frame of one lane at step t, its columns are channels.
/// In this order a causal tap that looks `d` steps back is the same matrix shifted by `d · lanes` rows, so a dilated
/// convolution is one product a tap over shifted views, and nothing is gathered or copied.
package struct Matrix: Sendable, Equatable {
    package let rows: Int
    package let columns: Int
    package var values: [Float]  // (rows, columns)

    package init(rows: Int, columns: Int, values: [Float]) {
        precondition(values.count == rows * columns, "\(rows) × \(columns) matrix from \(values.count) values")
        self.rows = rows
        self.columns = columns
        self.values = values
    }

    package init(rows: Int, columns: Int, repeating value: Float = 0) {
        self.init(rows: rows, columns: columns, values: Array(repeating: value, count: rows * columns))
    }

    /// A matrix that `fill` writes in full, without a first pass of zeros.
    @inline(__always)
    package init(rows: Int, columns: Int, fill: (UnsafeMutablePointer<Float>) -> Void) {
        let count = rows * columns
        self.init(
            rows: rows, columns: columns,
            values: Array(unsafeUninitializedCapacity: count) { buffer, initialized in
                if let base = buffer.baseAddress { fill(base) }
                initialized = count
            })
    }

    package subscript(row: Int, column: Int) -> Float {
        get { values[row * columns + column] }
        set { values[row * columns + column] = newValue }
    }

    @inline(__always)
    package func withUnsafePointer<Result>(_ body: (UnsafePointer<Float>) -> Result) -> Result {
        values.withUnsafeBufferPointer { body($0.baseAddress!) }
    }

    @inline(__always)
    package mutating func withUnsafeMutablePointer<Result>(
        _ body: (UnsafeMutablePointer<Float>) -> Result
    ) -> Result {
        values.withUnsafeMutableBufferPointer { body($0.baseAddress!) }
    }

    /// Adds another matrix of the same shape, element by element.
    package mutating func add(_ other: Matrix) {
        precondition(rows == other.rows && columns == other.columns, "sum of matrices of different shapes")
        let count = values.count
        withUnsafeMutablePointer { target in
            other.withUnsafePointer { source in
                for index in 0..<count { target[index] += source[index] }
            }
        }
    }
}
