/// Consecutive steps of one fresh lane and the bytes that must come out of them.
package struct SelfTestVectors: Sendable, Equatable {
    static let patchesTensor = "selftest.patches"
    static let embeddingsTensor = "selftest.embeddings"

    package var steps: Int
    package var patches: [Float]  // (steps, in·p), normalised
    package var embeddings: [Int8]  // (steps, E)

    package init(steps: Int, patches: [Float], embeddings: [Int8]) {
        self.steps = steps
        self.patches = patches
        self.embeddings = embeddings
    }

    func validate(against architecture: some EncoderInterface) throws(BundleError) {
        guard steps > 0, patches.count == steps * architecture.patchValues else {
            throw BundleError(
                .tensor(Self.patchesTensor), found: "\(patches.count) values",
                expected: "a multiple of \(architecture.patchValues), at least one step")
        }
        guard embeddings.count == steps * architecture.embedding else {
            throw BundleError(
                .tensor(Self.embeddingsTensor), found: "\(embeddings.count) values",
                expected: "\(steps * architecture.embedding)")
        }
        if let index = patches.firstIndex(where: { !$0.isFinite }) {
            throw BundleError(
                .tensor(Self.patchesTensor), found: "\(patches[index]) at \(index)", expected: "a finite number")
        }
    }
}
