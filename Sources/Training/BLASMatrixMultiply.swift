import CBLAS
import Learning

/// The matrix product by OpenBLAS.
///
/// Its sums depend on the number of threads, so a run is reproducible for one thread count.
package struct BLASMatrixMultiply: MatrixMultiply {
    /// Sets OpenBLAS's thread count, which is the process's.
    package init(threads: Int) {
        precondition(threads > 0, "\(threads) threads")
        openblas_set_num_threads(Int32(threads))
    }

    package func multiply(
        _ a: UnsafePointer<Float>, transposed transposesA: Bool,
        _ b: UnsafePointer<Float>, transposed transposesB: Bool,
        into c: UnsafeMutablePointer<Float>, m: Int, n: Int, k: Int, beta: Float
    ) {
        cblas_sgemm(
            CblasRowMajor, transposesA ? CblasTrans : CblasNoTrans, transposesB ? CblasTrans : CblasNoTrans,
            Int32(m), Int32(n), Int32(k), 1, a, Int32(transposesA ? m : k), b, Int32(transposesB ? k : n), beta, c,
            Int32(n))
    }
}
