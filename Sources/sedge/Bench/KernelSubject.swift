import CKernels
import SedgeCore

/// One function of one variant of the kernels with operands of one size, ready to be called again and again.
final class KernelSubject {
    /// What is called, and how large.
    enum Shape: Equatable {
        /// (rows, taps · inputs) times (taps · inputs, outputs)
        case convolve(rows: Int, taps: Int, inputs: Int, outputs: Int)
        case depthwise(rows: Int, taps: Int, channels: Int)
        case add(count: Int)
        case quantize(count: Int)
        case dequantize(count: Int)
        case dot(rows: Int, width: Int)
        /// So many rows of an embedding table.
        case gather(count: Int, width: Int)
        /// The `k` largest of as many dot products as there are rows.
        case topK(rows: Int, width: Int, k: Int)

        /// Rows of the table that `gather` picks from.
        fileprivate static let tableRows = 256
    }

    let kernel: String
    let shape: Shape
    private let table: UnsafePointer<sedge_kernels>
    /// (rows) of enough values for every operand, and room for every result.
    private let bytes: UnsafeMutablePointer<Int8>
    private let output: UnsafeMutablePointer<Int8>
    private let values: UnsafeMutablePointer<Float>
    private let dots: UnsafeMutablePointer<Int32>
    private let picks: UnsafeMutablePointer<Int32>
    private let found: UnsafeMutablePointer<Int>
    private let packed: UnsafeMutableRawPointer
    private let bias: UnsafeMutablePointer<Int32>
    private let multiplier: UnsafeMutablePointer<Float>
    private let frames: UnsafeMutablePointer<UnsafePointer<Int8>?>
    private var layer: sedge_convolution
    private var addition = sedge_addition(
        left_multiplier: 0.4, right_multiplier: 0.6, left_zero_point: -128, right_zero_point: 0, zero_point: -128,
        low: -128)

    /// - Parameter kernel: the name of a variant that this processor runs.
    init(kernel: String, shape: Shape) {
        var error = sedge_kernel_error()
        guard let table = sedge_kernels_select(kernel, &error) else {
            preconditionFailure("this processor does not run \(kernel)")
        }
        self.kernel = kernel
        self.shape = shape
        self.table = table
        let size = shape.size
        // Rows read overlapping frames, as those of a window do.
        let frameCount = (size.rows + size.taps) * max(size.inputs, size.outputs)
        var random = SeededRandom(seed: 1)
        bytes = Self.filled(frameCount) { Int8(Int(random.next() % 256) - 128) }
        output = Self.filled(size.rows * size.outputs) { 0 }
        values = Self.filled(size.rows * size.outputs) { Float(random.uniform() * 8 - 4) }
        dots = Self.filled(size.rows) { 0 }
        picks = Self.filled(size.rows) { Int32(random.next() % UInt64(Shape.tableRows)) }
        found = Self.filled(size.rows) { 0 }
        let weights: UnsafeMutablePointer<Int8> = Self.filled(size.outputs * size.inputs * size.taps) {
            Int8(Int(random.next() % 255) - 127)
        }
        defer { weights.deallocate() }
        bias = Self.filled(size.outputs) { Int32(random.next() % 1000) }
        multiplier = Self.filled(size.outputs) { 1e-3 }
        frames = .allocate(capacity: size.rows * size.taps)
        for row in 0..<size.rows {
            for tap in 0..<size.taps { frames[row * size.taps + tap] = UnsafePointer(bytes + (row + tap) * size.frame) }
        }
        let functions = table.pointee
        if case .depthwise = shape {
            packed = .allocate(byteCount: functions.packed_depthwise_size(size.outputs, size.taps), alignment: 64)
            functions.pack_depthwise(size.outputs, size.taps, weights, packed)
        } else {
            packed = .allocate(byteCount: functions.packed_size(size.outputs, size.inputs, size.taps), alignment: 64)
            functions.pack(size.outputs, size.inputs, size.taps, weights, packed)
        }
        layer = sedge_convolution(
            outputs: size.outputs, inputs: size.inputs, taps: size.taps, packed: packed, bias: bias,
            multiplier: multiplier, zero_point: -128, low: -128)
    }

    deinit {
        bytes.deallocate()
        output.deallocate()
        values.deallocate()
        dots.deallocate()
        picks.deallocate()
        found.deallocate()
        packed.deallocate()
        bias.deallocate()
        multiplier.deallocate()
        frames.deallocate()
    }

    func run(calls: Int) {
        for _ in 0..<calls {
            switch shape {
            case .convolve(let rows, _, _, _): table.pointee.convolve(&layer, rows, frames, output)
            case .depthwise(let rows, _, _): table.pointee.depthwise(&layer, rows, frames, output)
            case .add(let count): table.pointee.add(&addition, count, bytes, bytes, output)
            case .quantize(let count): table.pointee.quantize(10, 0, count, values, output)
            case .dequantize(let count): table.pointee.dequantize(0.1, 0, count, bytes, values)
            case .dot(let rows, let width): table.pointee.dot(width, rows, bytes + rows * width, bytes, dots)
            case .gather(let count, let width): table.pointee.gather(width, count, picks, bytes, output)
            case .topK(let rows, let width, let k):
                _ = sedge_top_k(table, width, rows, bytes + rows * width, bytes, k, found, dots)
            }
        }
    }

    private static func filled<Value: BitwiseCopyable>(
        _ count: Int, _ value: () -> Value
    ) -> UnsafeMutablePointer<Value> {
        let buffer = UnsafeMutableRawPointer.allocate(byteCount: count * MemoryLayout<Value>.stride, alignment: 64)
            .bindMemory(to: Value.self, capacity: count)
        for index in 0..<count { (buffer + index).initialize(to: value()) }
        return buffer
    }
}

extension KernelSubject.Shape {
    var function: String {
        switch self {
        case .convolve: "convolve"
        case .depthwise: "depthwise"
        case .add: "add"
        case .quantize: "quantize"
        case .dequantize: "dequantize"
        case .dot: "dot"
        case .gather: "gather"
        case .topK: "top_k"
        }
    }

    /// Rows times inputs (of all taps) times outputs, as far as a function has them.
    var text: String {
        switch self {
        case .convolve(let rows, let taps, let inputs, let outputs): "\(rows) × \(taps * inputs) × \(outputs)"
        case .depthwise(let rows, let taps, let channels): "\(rows) × \(taps) × \(channels)"
        case .add(let count), .quantize(let count), .dequantize(let count): "\(count)"
        case .dot(let rows, let width): "\(rows) × \(width)"
        case .gather(let count, let width): "\(count) × \(width)"
        case .topK(let rows, let width, let k): "\(k) of \(rows) × \(width)"
        }
    }

    var macs: Int {
        switch self {
        case .convolve(let rows, let taps, let inputs, let outputs): rows * taps * inputs * outputs
        case .depthwise(let rows, let taps, let channels): rows * taps * channels
        case .add, .quantize, .dequantize, .gather: 0
        case .dot(let rows, let width), .topK(let rows, let width, _): rows * width
        }
    }

    /// Read and written by a call of a function that multiplies nothing, or little; 0 for the others.
    var bytes: Int {
        switch self {
        case .convolve, .depthwise, .dot, .topK: 0
        case .add(let count): 3 * count
        case .quantize(let count), .dequantize(let count): 5 * count
        case .gather(let count, let width): count * (2 * width + 4)
        }
    }

    /// What has to be allocated: rows of `outputs` results, each of `taps` frames of `frame` values.
    fileprivate var size: (rows: Int, taps: Int, inputs: Int, outputs: Int, frame: Int) {
        switch self {
        case .convolve(let rows, let taps, let inputs, let outputs): (rows, taps, inputs, outputs, inputs)
        case .depthwise(let rows, let taps, let channels): (rows, taps, 1, channels, channels)
        case .add(let count), .quantize(let count), .dequantize(let count): (1, 1, 1, count, count)
        case .dot(let rows, let width), .topK(let rows, let width, _): (rows, 1, 1, width, width)
        case .gather(_, let width): (Self.tableRows, 1, 1, width, width)
        }
    }
}
