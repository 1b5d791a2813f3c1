/// The runs of `true` in a row of labels, in order: an anomaly each.
package struct LabelRuns: Sendable, Equatable {
    package let ranges: [Range<Int>]

    package init(_ labels: [Bool]) {
        var ranges: [Range<Int>] = []
        var start: Int?
        for (index, label) in labels.enumerated() {
            if label {
                if start == nil { start = index }
            } else if let begun = start {
                ranges.append(begun..<index)
                start = nil
            }
        }
        if let start { ranges.append(start..<labels.count) }
        self.ranges = ranges
    }
}
