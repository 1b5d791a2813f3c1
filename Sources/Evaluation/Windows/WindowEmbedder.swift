/// An encoder that embeds whole sequences from a fresh state: the float32 reference, which does not stream.
package protocol WindowEmbedder: Sendable {
    /// Samples of a patch.
    var patch: Int { get }
    /// Values of an embedding.
    var embedding: Int { get }

    /// - Parameter patches: (steps, lanes, patch) normalised.
    /// - Returns: (steps, lanes, embedding).
    func embed(patches: [Float], lanes: Int) -> [Float]
}
