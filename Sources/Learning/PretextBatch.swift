/// One batch of the pretext task: what the encoder sees, what its heads must say, and which rows show the same moment.
package struct PretextBatch: Sendable {
    package var lanes: Int
    /// The encoder's input, with parts blanked.
    package var patches: Matrix  // (steps · lanes, inputs · patch)
    package var targets: Matrix  // (steps · lanes, inputs · PretextTargets.columns)
    /// How much each target counts; not negative.
    package var weights: Matrix  // (steps · lanes, inputs · PretextTargets.columns)
    /// Rows of the same moment in two overlapping crops, one series after the other, in order of time.
    package var pairs: [Pair]
    /// How many of the pairs each series has; their sum is that of the pairs.
    package var pairCounts: [Int]
    /// The class of each row (steps · lanes), `CrossEntropyLoss.unknown` where it has none; empty: no row has one.
    package var classes: [Int32] = []

    /// The family of generated signals that each lane shows, `unknown` where it shows none or several; empty: the same.
    package var families: [Int32] = []

    package struct Pair: Sendable, Equatable {
        package var first: Int
        package var second: Int

        package init(first: Int, second: Int) {
            self.first = first
            self.second = second
        }
    }

    package init(
        lanes: Int, patches: Matrix, targets: Matrix, weights: Matrix, pairs: [Pair], pairCounts: [Int]? = nil,
        classes: [Int32] = []
    ) {
        self.lanes = lanes
        self.patches = patches
        self.targets = targets
        self.weights = weights
        self.pairs = pairs
        self.pairCounts = pairCounts ?? [pairs.count]
        self.classes = classes
    }
}
