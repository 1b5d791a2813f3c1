/// A float32 matrix product, passed in as a value: the modules that learn do not choose a BLAS.
///
/// The agent passes `PlainMatrixMultiply`, the trainer OpenBLAS.
package protocol MatrixMultiply: Sendable {
    /// C ← op(A) · op(B) + beta · C, all row-major and dense, op transposing or not.
    ///
    /// Shapes: op(A) (m, k), op(B) (k, n), C (m, n). With `beta` 0 what C held before is ignored, NaN included.
    /// C must not overlap A or B.
    func multiply(
        _ a: UnsafePointer<Float>, transposed transposesA: Bool,
        _ b: UnsafePointer<Float>, transposed transposesB: Bool,
        into c: UnsafeMutablePointer<Float>, m: Int, n: Int, k: Int, beta: Float)
}
