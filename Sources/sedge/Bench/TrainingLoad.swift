import Learning
import SedgeCore
import Synchronization
import Training

/// A training run, and the matrix products of one of its steps by themselves.
struct TrainingLoad {
    private var run: PretrainingRun
    private let gemm: BLASMatrixMultiply
    private let products: [Product]
    private let scratch: (a: [Float], b: [Float])

    /// One product that a step makes.
    struct Product: Equatable {
        var m, n, k: Int
        var transposesA, transposesB: Bool
        var beta: Float
        var macs: Double { Double(m) * Double(n) * Double(k) }
    }

    init(_ configuration: PretrainingConfiguration, threads: Int) {
        var configuration = configuration
        configuration.steps = 10_000_000
        gemm = BLASMatrixMultiply(threads: threads)
        run = PretrainingRun(configuration)
        let recorder = ProductRecorder(gemm)
        _ = run.advance(using: recorder)
        products = recorder.products
        let largest = products.map { max($0.m * $0.k, $0.k * $0.n) }.max() ?? 1
        scratch = (Array(repeating: 0.5, count: largest), Array(repeating: 0.25, count: largest))
    }

    /// Multiply-adds of the products of a step: those of the encoder's passes, and of the heads and losses.
    var macs: Double { products.reduce(0) { $0 + $1.macs } }

    /// A whole step: batch, passes, losses, update.
    mutating func step() { _ = run.advance(using: gemm) }

    /// Making one batch, which is part of a step.
    func batch() { _ = run.batch(run.step) }

    /// The products of a step, one after the other, on data that is already there.
    func multiply(into result: inout [Float]) {
        let largest = products.map { $0.m * $0.n }.max() ?? 1
        if result.count < largest { result = Array(repeating: 0, count: largest) }
        scratch.a.withUnsafeBufferPointer { a in
            scratch.b.withUnsafeBufferPointer { b in
                result.withUnsafeMutableBufferPointer { c in
                    for product in products {
                        gemm.multiply(
                            a.baseAddress!, transposed: product.transposesA, b.baseAddress!,
                            transposed: product.transposesB, into: c.baseAddress!, m: product.m, n: product.n,
                            k: product.k, beta: product.beta)
                    }
                }
            }
        }
    }
}

/// Multiplies as another does and writes down what.
private final class ProductRecorder: MatrixMultiply {
    private let inner: BLASMatrixMultiply
    private let recorded = Mutex<[TrainingLoad.Product]>([])

    init(_ inner: BLASMatrixMultiply) { self.inner = inner }

    var products: [TrainingLoad.Product] { recorded.withLock { $0 } }

    func multiply(
        _ a: UnsafePointer<Float>, transposed transposesA: Bool, _ b: UnsafePointer<Float>,
        transposed transposesB: Bool, into c: UnsafeMutablePointer<Float>, m: Int, n: Int, k: Int, beta: Float
    ) {
        recorded.withLock {
            $0.append(.init(m: m, n: n, k: k, transposesA: transposesA, transposesB: transposesB, beta: beta))
        }
        inner.multiply(a, transposed: transposesA, b, transposed: transposesB, into: c, m: m, n: n, k: k, beta: beta)
    }
}
