/// One batch of the pretext task: what the encoder sees, what its heads must say, and which rows show the same moment.
package struct PretextBatch: Sendable {
    package var lanes: Int
    /// The encoder's input, with parts blanked.
    package var patches: Matrix  // (steps · lanes, patch)
    package var targets: Matrix  // (steps · lanes, PretextTargets.columns)
    /// How much each target counts; not negative.
    package var weights: Matrix  // (steps · lanes, PretextTargets.columns)
    /// Rows of the same moment in two overlapping crops.
    package var pairs: [Pair]

    package struct Pair: Sendable, Equatable {
        package var first: Int
        package var second: Int

        package init(first: Int, second: Int) {
            self.first = first
            self.second = second
        }
    }

    package init(lanes: Int, patches: Matrix, targets: Matrix, weights: Matrix, pairs: [Pair]) {
        self.lanes = lanes
        self.patches = patches
        self.targets = targets
        self.weights = weights
        self.pairs = pairs
    }
}
