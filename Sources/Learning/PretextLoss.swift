/// The parts of the pretext loss of one batch. A task that is left out has 0.
package struct PretextLoss: Sendable, Equatable {
    /// Huber losses, means over the targets of each kind by their weights.
    package var reconstruction = 0.0
    package var nearForecast = 0.0
    package var farForecast = 0.0
    package var shape = 0.0
    /// VICReg's parts with their weights.
    package var regularization = VarianceCovarianceLoss.Terms(invariance: 0, variance: 0, covariance: 0)
    /// Mean −ln of the partner's share.
    package var contrast = 0.0
    package var hierarchy = 0.0
    /// Mean cross-entropy of the rows with a class.
    package var classification = 0.0
    /// The same of the generated rows that were asked for their family.
    package var family = 0.0
    /// What is minimised.
    package var total = 0.0

    package init() {}
}
