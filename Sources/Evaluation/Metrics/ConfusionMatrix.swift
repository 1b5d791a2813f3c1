/// How often each class was taken for each.
package struct ConfusionMatrix: Sendable, Equatable {
    package let classes: Int
    private var counts: [Int]  // (actual, predicted)

    package init(classes: Int) {
        self.classes = classes
        counts = Array(repeating: 0, count: classes * classes)
    }

    package mutating func add(actual: Int, predicted: Int) { counts[actual * classes + predicted] += 1 }

    package subscript(actual actual: Int, predicted predicted: Int) -> Int { counts[actual * classes + predicted] }

    package var total: Int { counts.reduce(0, +) }

    /// 0 without any.
    package var accuracy: Double {
        let right = (0..<classes).reduce(0) { $0 + self[actual: $1, predicted: $1] }
        return total > 0 ? Double(right) / Double(total) : 0
    }

    /// Mean F1 over the classes that occur or were predicted.
    package var macroF1: Double {
        var sum = 0.0
        var present = 0
        for index in 0..<classes {
            let right = self[actual: index, predicted: index]
            let actual = (0..<classes).reduce(0) { $0 + self[actual: index, predicted: $1] }
            let predicted = (0..<classes).reduce(0) { $0 + self[actual: $1, predicted: index] }
            guard actual + predicted > 0 else { continue }
            present += 1
            sum += 2 * Double(right) / Double(actual + predicted)
        }
        return present > 0 ? sum / Double(present) : 0
    }
}
