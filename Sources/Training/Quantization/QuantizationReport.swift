/// How far the int8 embeddings lie from the float ones, and what that does to the pretext task.
package struct QuantizationReport: Sendable, Equatable {
    /// Norm of the difference over norm of the float embeddings (mean taken away), all rows together.
    package var relativeError: Double
    /// Cosine between float and int8 embedding, mean over rows.
    package var cosine: Double
    package var float: HeldOutReport
    package var int8: HeldOutReport
}
