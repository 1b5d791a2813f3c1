/// The layout of one lane's state: a ring of frames for each convolution of a stream that reads the past.
///
/// A ring holds the past and the frames of the step at hand, so a convolution finds all its taps in one place.
struct GraphStateLayout {
    struct Ring {
        /// Where it begins, in bytes.
        let offset: Int
        /// A power of two.
        let slots: Int
        /// Bytes of a slot.
        let channels: Int
        /// What stands before the first step.
        let zeroPoint: Int8
    }

    /// For each node; nil where it keeps nothing.
    let rings: [Ring?]
    let byteCount: Int
    /// Steps after which every ring stands where it stood.
    let period: Int

    init(_ graph: QuantizedGraph, shapes: [QuantizedGraph.Shape]) {
        var rings: [Ring?] = []
        var end = 0
        var period = 1
        for node in graph.nodes {
            guard case .convolution(let convolution) = node.operation,
                let slots = graph.slots(convolution, shapes[node.inputs[0]])
            else {
                rings.append(nil)
                continue
            }
            let channels = shapes[node.inputs[0]].channels
            rings.append(
                Ring(
                    offset: end, slots: slots, channels: channels,
                    zeroPoint: graph.quantization(node.inputs[0]).zeroPoint))
            end += slots * channels
            period = max(period, slots)
        }
        self.rings = rings
        byteCount = end
        self.period = period
    }

    func reset(_ state: UnsafeMutablePointer<Int8>) {
        for case let ring? in rings {
            (state + ring.offset).initialize(repeating: ring.zeroPoint, count: ring.slots * ring.channels)
        }
    }
}
