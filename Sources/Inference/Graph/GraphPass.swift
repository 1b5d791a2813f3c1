internal import CKernels

/// Runs a packed graph over some lanes together: buffers for every value, and the operations over them in order.
final class GraphPass {
    /// Bytes of values that a batch may touch before it is cut: about what an outer cache holds.
    private static let batchBytes = 1 << 20
    private static let pointerLimit = 4096

    let packed: PackedGraph
    /// Lanes that go through together.
    let capacity: Int
    /// Each (lanes, frames, channels).
    private let values: [UnsafeMutablePointer<Int8>]
    private let patch: UnsafeMutablePointer<Int8>  // (in, p)
    private let pointers: UnsafeMutablePointer<UnsafePointer<Int8>?>
    private let pointerCount: Int
    private let memory: AlignedMemory

    init(_ packed: PackedGraph) {
        self.packed = packed
        let bytes = packed.shapes.reduce(0) { $0 + $1.count }
        let capacity = max(1, min(64, Self.batchBytes / bytes))
        self.capacity = capacity
        var memory = AlignedMemory()
        values = packed.shapes.map { memory.allocate(count: capacity * $0.count) }
        patch = memory.allocate(count: packed.shapes[0].count)
        let widest = packed.nodes.reduce(1) { widest, node in
            guard case .convolution(_, let taps) = node.operation else { return widest }
            return max(widest, taps.count)
        }
        pointerCount = max(widest, Self.pointerLimit)
        pointers = memory.allocate(count: pointerCount)
        self.memory = memory
    }

    /// The embedding of one of the lanes that ran last: the newest frame of the last value.
    func embedding(ofLane lane: Int) -> UnsafePointer<Int8> {
        let shape = packed.shapes[packed.nodes.count]
        return UnsafePointer(values[packed.nodes.count] + (lane + 1) * shape.count - shape.channels)
    }

    /// One step of up to `capacity` lanes.
    /// - Parameter patches: (lanes, in·p)
    func run(_ lanes: UnsafeBufferPointer<LaneState>, patches: UnsafePointer<Float>) {
        let input = packed.shapes[0]
        for lane in lanes.indices {
            packed.quantize(count: input.count, values: patches + lane * input.count, output: patch)
            let frames = values[0] + lane * input.count
            for frame in 0..<input.frames {
                for channel in 0..<input.channels {
                    frames[frame * input.channels + channel] = patch[channel * input.frames + frame]
                }
            }
        }
        for index in packed.nodes.indices {
            let node = packed.nodes[index]
            let output = values[index + 1]
            let count = lanes.count * node.shape.count
            switch node.operation {
            case .convolution(let convolution, let taps):
                convolve(node, convolution, taps, lanes, into: output)
            case .addition(let addition):
                packed.kernels.table.pointee.add(
                    addition, count, values[node.inputs[0]], values[node.inputs[1]], output)
            case .concatenation(let axis):
                concatenate(node, axis, lanes: lanes.count, into: output)
            }
            if node.high < 127 {
                for place in 0..<count { output[place] = min(output[place], node.high) }
            }
        }
    }

    /// Rows are frames of lanes, as many at once as there are pointers for their taps.
    private func convolve(
        _ node: PackedGraph.Node, _ convolution: PackedConvolution, _ taps: PackedGraph.Taps,
        _ lanes: UnsafeBufferPointer<LaneState>, into output: UnsafeMutablePointer<Int8>
    ) {
        let input = packed.shapes[node.inputs[0]]
        let source = values[node.inputs[0]]
        if let ring = taps.ring { keep(source, input, ring, lanes) }
        let rowsAtOnce = pointerCount / taps.count
        let rows = lanes.count * node.shape.frames
        for first in stride(from: 0, to: rows, by: rowsAtOnce) {
            let count = min(rowsAtOnce, rows - first)
            var pointer = pointers
            for row in first..<first + count {
                let (lane, frame) = row.quotientAndRemainder(dividingBy: node.shape.frames)
                let start = frame * taps.stride - taps.before
                if let ring = taps.ring {
                    let base = lanes[lane].rings! + ring.offset
                    let now = lanes[lane].position * input.frames + start
                    for tap in 0..<taps.count {
                        let slot = (now + tap * taps.dilation) & (ring.slots - 1)
                        pointer[tap] = UnsafePointer(base + slot * ring.channels)
                    }
                } else {
                    let base = source + lane * input.count
                    for tap in 0..<taps.count {
                        let at = start + tap * taps.dilation
                        pointer[tap] =
                            at >= 0 && at < input.frames ? UnsafePointer(base + at * input.channels) : taps.zeros
                    }
                }
                pointer += taps.count
            }
            convolution.run(rows: count, frames: pointers, output: output + first * node.shape.channels)
        }
    }

    /// Puts the step's frames into the rings, where they take the place of the oldest.
    private func keep(
        _ source: UnsafePointer<Int8>, _ input: QuantizedGraph.Shape, _ ring: GraphStateLayout.Ring,
        _ lanes: UnsafeBufferPointer<LaneState>
    ) {
        for lane in lanes.indices {
            let base = lanes[lane].rings! + ring.offset
            for frame in 0..<input.frames {
                let slot = (lanes[lane].position * input.frames + frame) & (ring.slots - 1)
                (base + slot * ring.channels).update(
                    from: source + lane * input.count + frame * input.channels, count: input.channels)
            }
        }
    }

    private func concatenate(
        _ node: PackedGraph.Node, _ axis: QuantizedGraph.Axis, lanes: Int, into output: UnsafeMutablePointer<Int8>
    ) {
        // Along time whole values follow each other, along channels single frames do.
        let blocks = axis == .time ? lanes : lanes * node.shape.frames
        var target = output
        for block in 0..<blocks {
            for slot in node.inputs.indices {
                let input = node.inputs[slot]
                let shape = packed.shapes[input]
                let width = axis == .time ? shape.count : shape.channels
                target.update(from: values[input] + block * width, count: width)
                target += width
            }
        }
    }
}
