#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Softmax cross-entropy on the rows whose class is known.
package enum CrossEntropyLoss {
    /// A row without a class.
    package static let unknown: Int32 = -1

    /// Mean of −ln p(class) over the rows with a class, its gradient by the logits (rows, classes), and how many of
    /// those rows give their class the largest logit. Without such rows all is zero.
    package static func evaluate(
        _ logits: Matrix, classes: [Int32]
    ) -> (loss: Double, gradient: Matrix, correct: Int, rows: Int) {
        precondition(classes.count == logits.rows, "\(classes.count) classes for \(logits.rows) rows")
        let known = classes.count { $0 != unknown }
        var gradient = Matrix(rows: logits.rows, columns: logits.columns)
        guard known > 0 else { return (0, gradient, 0, 0) }
        var (loss, correct) = (0.0, 0)
        for (row, own) in classes.enumerated() where own != unknown {
            let values = (0..<logits.columns).map { logits[row, $0] }
            let largest = values.max()!
            let shares = values.map { exp($0 - largest) }
            let total = shares.reduce(0, +)
            loss += Double(log(total)) - Double(values[Int(own)] - largest)
            if values[Int(own)] == largest { correct += 1 }
            for column in values.indices {
                gradient[row, column] =
                    (shares[column] / total - (column == Int(own) ? 1 : 0)) / Float(known)
            }
        }
        return (loss / Double(known), gradient, correct, known)
    }
}
