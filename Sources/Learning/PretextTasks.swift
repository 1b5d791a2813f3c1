/// What a pretraining run minimises: a weight for each pretext task, 0 for those that are left out.
package struct PretextTasks: Sendable, Equatable, Codable {
    /// Masked reconstruction of the last samples (Huber).
    package var mask: Float = 0
    /// Forecast of the next samples and of the means and deviations of the windows beyond (Huber).
    package var forecast: Float = 0
    /// Shape of the last samples over windows of several lengths (Huber); see `WindowShape`.
    package var shape: Float = 0
    /// VICReg between overlapping crops; see `VarianceCovarianceLoss`, whose three weights it multiplies.
    package var vicreg: Float = 0
    /// InfoNCE between overlapping crops, with a queue of earlier batches.
    package var contrast: Float = 0
    /// TS2Vec's hierarchical contrast between overlapping crops.
    package var hierarchy: Float = 0
    /// Cross-entropy on the rows of recordings whose class is known.
    package var labels: Float = 0
    /// Cross-entropy on which family of generated signals a series is of: labels that the generator has for nothing.
    package var families: Float = 0

    package init() {}

    /// The mix that the shipped encoders are made with.
    package static let standard: Self = {
        var tasks = Self()
        tasks.mask = 0.25
        tasks.forecast = 0.75
        tasks.shape = 0.5
        tasks.vicreg = 1
        tasks.families = 0.1
        return tasks
    }()

    /// Names as on the command line, with their weights.
    package static var names: [(name: String, weight: WritableKeyPath<Self, Float>)] {
        [
            ("mask", \.mask), ("forecast", \.forecast), ("shape", \.shape), ("vicreg", \.vicreg),
            ("contrast", \.contrast), ("hierarchy", \.hierarchy), ("labels", \.labels), ("families", \.families),
        ]
    }
}
