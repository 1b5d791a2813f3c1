import Learning

/// Error of a linear prediction from the last rows, as a mean over the last `smoothing`.
struct AutoregressionModel: ChannelModel {
    let order: Int
    let smoothing: Int

    func scores(of column: [Double], fitted: Int) -> [Double] {
        let size = order + 1
        var normal = [Double](repeating: 0, count: size * size)
        var target = [Double](repeating: 0, count: size)
        var inputs = [Double](repeating: 1, count: size)
        for row in order..<max(order, fitted) {
            for lag in 0..<order { inputs[lag] = column[row - 1 - lag] }
            for i in 0..<size {
                target[i] += inputs[i] * column[row]
                for j in 0...i { normal[i * size + j] += inputs[i] * inputs[j] }
            }
        }
        // Enough to keep what never moved solvable.
        for i in 0..<size { normal[i * size + i] += 1e-3 }
        CholeskyFactor(normal, size: size)?.solve(&target)
        var errors = [Double](repeating: 0, count: column.count)
        for row in order..<max(order, column.count) {
            var forecast = target[order]
            for lag in 0..<order { forecast += target[lag] * column[row - 1 - lag] }
            errors[row] = abs(column[row] - forecast)
        }
        return RunningMean.of(errors, over: smoothing)
    }
}
