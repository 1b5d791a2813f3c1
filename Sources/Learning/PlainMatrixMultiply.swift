/// The matrix product in plain Swift: no dependency, the compiler's own vectors, a few multiply-adds a cycle.
package struct PlainMatrixMultiply: MatrixMultiply {
    package init() {}

    package func multiply(
        _ a: UnsafePointer<Float>, transposed transposesA: Bool,
        _ b: UnsafePointer<Float>, transposed transposesB: Bool,
        into c: UnsafeMutablePointer<Float>, m: Int, n: Int, k: Int, beta: Float
    ) {
        if beta == 0 {
            c.update(repeating: 0, count: m * n)
        } else if beta != 1 {
            for index in 0..<m * n { c[index] *= beta }
        }
        let (rowStride, depthStride) = transposesA ? (1, m) : (k, 1)
        if transposesB {
            // Rows of B would be walked down their columns; one transposition makes the inner loop contiguous.
            withUnsafeTemporaryAllocation(of: Float.self, capacity: n * k) { buffer in
                let transposed = buffer.baseAddress!
                for row in 0..<n {
                    for depth in 0..<k { transposed[depth * n + row] = b[row * k + depth] }
                }
                accumulate(a, rowStride, depthStride, UnsafePointer(transposed), c, m, n, k)
            }
        } else {
            accumulate(a, rowStride, depthStride, b, c, m, n, k)
        }
    }

    /// C += A · B with B (k, n) contiguous: the innermost loop runs along a row of C, so no sum is reordered.
    @inline(__always)
    private func accumulate(
        _ a: UnsafePointer<Float>, _ rowStride: Int, _ depthStride: Int, _ b: UnsafePointer<Float>,
        _ c: UnsafeMutablePointer<Float>, _ m: Int, _ n: Int, _ k: Int
    ) {
        for row in 0..<m {
            let output = c + row * n
            for depth in 0..<k {
                let factor = a[row * rowStride + depth * depthStride]
                let source = b + depth * n
                for column in 0..<n { output[column] += factor * source[column] }
            }
        }
    }
}
