import Learning
import Training

/// Means of the losses of some steps, for one line of the log.
struct PretextLossMean {
    private var sum = Mean()
    private var count = 0.0

    struct Mean {
        var total = 0.0
        var reconstruction = 0.0
        var near = 0.0
        var far = 0.0
        var regularization = 0.0
        var gradient = 0.0
    }

    mutating func add(_ report: PretrainingRun.StepReport) {
        count += 1
        sum.total += report.loss.total
        sum.reconstruction += report.loss.reconstruction
        sum.near += report.loss.nearForecast
        sum.far += report.loss.farForecast
        sum.regularization += report.loss.regularization.total
        sum.gradient += Double(report.gradientNorm)
    }

    /// The means so far; begins anew.
    mutating func take() -> Mean {
        defer { self = Self() }
        let count = max(1, count)
        return Mean(
            total: sum.total / count, reconstruction: sum.reconstruction / count, near: sum.near / count,
            far: sum.far / count, regularization: sum.regularization / count, gradient: sum.gradient / count)
    }
}
