/// The parts of the pretext loss of one batch.
package struct PretextLoss: Sendable, Equatable {
    /// Huber losses, means over the targets of each kind by their weights.
    package var reconstruction: Double
    package var nearForecast: Double
    package var farForecast: Double
    /// VICReg's parts with their weights.
    package var regularization: VarianceCovarianceLoss.Terms
    /// What is minimised.
    package var total: Double
}
