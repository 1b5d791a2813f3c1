/// Sub-PCA: principal components of raw windows, the plain baseline that an encoder has to beat.
///
/// The score is the squared distance of a window from what it was fitted on, each component relative to its variance
/// (as PyOD and TSB-AD weigh them), with a floor of a thousandth of the mean variance.
struct SubspaceModel: ChannelModel {
    let window: Int
    private static let floor = 1e-3

    func scores(of column: [Double], fitted: Int) -> [Double] {
        let known = windows(of: column, endingIn: 0..<fitted, length: window)
        guard known.count > 1 else { return [Double](repeating: 0, count: column.count) }
        var mean = [Double](repeating: 0, count: window)
        for sample in known { for (index, value) in sample.enumerated() { mean[index] += value / Double(known.count) } }
        var covariance = [[Double]](repeating: [Double](repeating: 0, count: window), count: window)
        for sample in known {
            let centred = zip(sample, mean).map { $0 - $1 }
            for i in 0..<window {
                for j in 0...i { covariance[i][j] += centred[i] * centred[j] / Double(known.count - 1) }
            }
        }
        for i in 0..<window { for j in 0..<i { covariance[j][i] = covariance[i][j] } }
        let eigen = SymmetricEigen(covariance)
        let least = max(1e-12, Self.floor * eigen.values.reduce(0, +) / Double(window))
        // Rows of a whitening matrix.
        let axes = zip(eigen.vectors, eigen.values).map { vector, value in
            vector.map { $0 / max(value, least).squareRoot() }
        }
        var scores = [Double](repeating: 0, count: column.count)
        var centred = mean
        for row in max(0, window - 1)..<max(window - 1, column.count) {
            for index in 0..<window { centred[index] = column[row - window + 1 + index] - mean[index] }
            var distance = 0.0
            for axis in axes {
                var projection = 0.0
                for index in 0..<window { projection += axis[index] * centred[index] }
                distance += projection * projection
            }
            scores[row] = distance.squareRoot()
        }
        return scores
    }
}
