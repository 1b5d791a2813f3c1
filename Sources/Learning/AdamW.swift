package import SedgeCore

/// Adam with decoupled weight decay (Loshchilov and Hutter, 2019).
///
/// Moments are kept in the order in which the group visits its parameters; `state` goes into a checkpoint.
package struct AdamW: Sendable {
    package var firstDecay: Float = 0.9
    package var secondDecay: Float = 0.98
    package var epsilon: Float = 1e-8
    /// Share of a weight that a step with rate 1 would take away.
    package var weightDecay: Float

    package private(set) var step = 0
    private var first: [[Float]] = []
    private var second: [[Float]] = []

    package init(weightDecay: Float = 0.01) { self.weightDecay = weightDecay }

    /// One update of every parameter by its gradient.
    package mutating func update(_ group: inout some ParameterGroup, rate: Float) {
        step += 1
        var firstPower: Float = 1
        var secondPower: Float = 1
        // Powers by repeated squaring, so that no mathematics library decides the last bit.
        var (base1, base2, exponent) = (firstDecay, secondDecay, step)
        while exponent > 0 {
            if exponent & 1 == 1 {
                firstPower *= base1
                secondPower *= base2
            }
            base1 *= base1
            base2 *= base2
            exponent >>= 1
        }
        let size = rate / (1 - firstPower)
        let correction = 1 / (1 - secondPower)
        var index = 0
        group.forEachParameter { parameter in
            if index == first.count {
                first.append(Array(repeating: 0, count: parameter.value.count))
                second.append(Array(repeating: 0, count: parameter.value.count))
            }
            precondition(first[index].count == parameter.value.count, "parameters come in another order than before")
            let shrink = parameter.decays ? 1 - rate * weightDecay : 1
            Self.update(
                &parameter.value, parameter.gradient, &first[index], &second[index], firstDecay, secondDecay, size,
                correction, epsilon, shrink)
            index += 1
        }
    }

    private static func update(
        _ value: inout [Float], _ gradient: [Float], _ first: inout [Float], _ second: inout [Float],
        _ firstDecay: Float, _ secondDecay: Float, _ size: Float, _ correction: Float, _ epsilon: Float,
        _ shrink: Float
    ) {
        let count = value.count
        value.withUnsafeMutableBufferPointer { value in
            first.withUnsafeMutableBufferPointer { first in
                second.withUnsafeMutableBufferPointer { second in
                    gradient.withUnsafeBufferPointer { gradient in
                        for index in 0..<count {
                            let g = gradient[index]
                            let m = first[index] + (1 - firstDecay) * (g - first[index])
                            let v = second[index] + (1 - secondDecay) * (g * g - second[index])
                            first[index] = m
                            second[index] = v
                            value[index] =
                                value[index] * shrink - size * m / ((v * correction).squareRoot() + epsilon)
                        }
                    }
                }
            }
        }
    }

    package func save(to writer: inout SnapshotWriter) {
        writer.write(Int64(step))
        writer.write(UInt32(first.count))
        for index in first.indices {
            writer.write(first[index])
            writer.write(second[index])
        }
    }

    package mutating func restore(from reader: inout SnapshotReader) throws(SnapshotError) {
        step = Int(try reader.read(Int64.self))
        let count = Int(try reader.read(UInt32.self))
        first = []
        second = []
        for _ in 0..<count {
            first.append(try reader.readFloats())
            second.append(try reader.readFloats(count: first.last!.count))
        }
    }
}
