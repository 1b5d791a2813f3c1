import Inference
import Learning

/// What a float graph's values look like on calibration windows: a range for int8 and the channel means of each.
package struct GraphCalibration: Sendable {
    /// As many windows as calibrate well enough; what comes after adds little.
    package static let enough = 256

    /// Far above what any sensor gives; a histogram of larger values would leave float32.
    private static let largest: Float = 1e37

    private let graph: FrameGraph
    private var calibrators: [RangeCalibrator]
    private var sums: [[Double]]
    private var rows: [Int]
    package private(set) var windows = 0

    package init(_ graph: FrameGraph) {
        self.graph = graph
        let values = 0...graph.nodes.count
        calibrators = values.map { _ in RangeCalibrator() }
        sums = values.map { [Double](repeating: 0, count: graph.shape($0).channels) }
        rows = values.map { _ in 0 }
    }

    /// - Parameter window: (frames, channels), finite, in the units that the model expects.
    package mutating func observe(_ window: [Float]) throws(ImportError) {
        var failed: Int?
        _ = graph.evaluate(window, quantized: false) { value, values in
            guard values.allSatisfy({ $0.magnitude <= Self.largest }) else {
                failed = failed ?? value
                return
            }
            calibrators[value].observe(values)
            let channels = sums[value].count
            for index in values.indices { sums[value][index % channels] += Double(values[index]) }
            rows[value] += values.count / channels
        }
        if let failed {
            throw ImportError(
                failed == 0 ? "calibration data" : "node \(ImportError.quoted(graph.nodes[failed - 1].name))",
                found: "a value that is not finite or above \(Self.largest)",
                expected: "smaller numbers on calibration data")
        }
        windows += 1
    }

    /// As the model says, or else what loses least.
    func range(_ value: Int) -> ActivationQuantization {
        if let given = graph.quantization(value) { return given }
        // Normalised input has no preferred sign.
        let range = calibrators[value].leastSquaresRange(symmetric: value == 0)
        return ActivationQuantization(scale: range.scale, zeroPoint: Int8(range.zeroPoint))
    }

    func means(_ value: Int) -> [Float] { sums[value].map { Float($0 / Double(max(1, rows[value]))) } }
}
