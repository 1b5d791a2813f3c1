/// Keeps parameters within a ball around where they stood: what is trained on a gateway can go so far and no further,
/// however often it is trained.
package struct ParameterBound: Sendable {
    private let anchors: [[Float]]
    /// The largest change of a parameter's values, as a share of their Euclidean norm.
    package let share: Float
    /// A norm below this counts as this: an offset of zero may move too.
    private static let leastNorm: Float = 0.1

    package init(around group: inout some ParameterGroup, share: Float) {
        precondition(share > 0, "a bound of \(share)")
        var anchors: [[Float]] = []
        group.forEachParameter { anchors.append($0.value) }
        self.anchors = anchors
        self.share = share
    }

    /// Pulls what went too far back to the edge.
    package func hold(_ group: inout some ParameterGroup) {
        var index = 0
        group.forEachParameter { parameter in
            let anchor = anchors[index]
            index += 1
            let (change, norm) = Self.norms(parameter.value, anchor)
            let limit = share * max(norm, Self.leastNorm)
            if change <= limit { return }
            // What is no number goes back whole.
            let keep = change.isFinite ? limit / change : 0
            for place in anchor.indices {
                let difference = parameter.value[place] - anchor[place]
                parameter.value[place] = anchor[place] + (keep > 0 ? keep * difference : 0)
            }
        }
    }

    /// The norm of all changes over the norm of all values.
    package func change(of group: inout some ParameterGroup) -> Double {
        var (index, changes, norms) = (0, 0.0, 0.0)
        group.forEachParameter { parameter in
            let (change, norm) = Self.norms(parameter.value, anchors[index])
            index += 1
            changes += Double(change) * Double(change)
            norms += Double(norm) * Double(norm)
        }
        return norms > 0 ? (changes / norms).squareRoot() : 0
    }

    private static func norms(_ value: [Float], _ anchor: [Float]) -> (change: Float, norm: Float) {
        var (change, norm) = (0.0, 0.0)
        for index in anchor.indices {
            let difference = Double(value[index] - anchor[index])
            change += difference * difference
            norm += Double(anchor[index]) * Double(anchor[index])
        }
        return (Float(change.squareRoot()), Float(norm.squareRoot()))
    }
}
