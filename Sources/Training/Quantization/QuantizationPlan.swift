package import Learning

/// How a float encoder becomes int8.
package struct QuantizationPlan: Sendable, Equatable {
    /// How activation ranges are chosen; nil: for each kind of tensor as serves the embedding best.
    package var method: RangeMethod?
    /// Steps of quantization-aware fine-tuning; 0: none.
    package var fineTuningSteps = 0
    /// Batches that ranges are chosen on, and others that the result is compared on; fine-tuning sees neither.
    package var calibrationBatches = 8
    package var comparisonBatches = 4
    /// Encoder steps in a batch, all lanes together.
    package var rows = 8192
    /// What recordings are normalised by where the bundle has fixed scales; empty: robust.
    package var fixedLevels: [Double] = []
    package var fixedScales: [Double] = []
    package var seed: UInt64 = 1
    /// Series of each family that the probe learns from, and is judged on.
    package var probeSeries = 300

    package init() {}

    /// Crops are made as in pretraining: a network is calibrated on what it was trained on.
    func recipe(_ shape: NetworkShape) -> BatchRecipe {
        var recipe = BatchRecipe(patch: shape.patch, targets: PretextTargets(), rows: rows)
        recipe.inputs = shape.inputs
        recipe.hops = recipe.hops.filter { $0 <= shape.patch }
        (recipe.fixedLevels, recipe.fixedScales) = (fixedLevels, fixedScales)
        return recipe
    }
}
