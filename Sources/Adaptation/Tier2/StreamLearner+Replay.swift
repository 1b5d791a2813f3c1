package import Inference
import Learning

extension StreamLearner {
    /// Steps after which means over fifty have mostly forgotten how they began.
    private static let settlingSteps = 50

    /// The learner as it stands, with all that it knows of embeddings learned anew: replay gives the rows, the tail their
    /// embeddings. Levels, scales, raw windows and the calibration of the sum are carried over.
    ///
    /// Half of the segments make the subspaces, the other half the calibration of their scores; so these mean from the
    /// first step what they meant before.
    package func relearning(
        _ segments: [ReplaySegment], with tail: PackedTail, of bundle: ModelBundle
    ) -> StreamLearner {
        var learner = self
        let architecture = bundle.architecture
        let encoder = TailEncoder(architecture)
        let unit = Float(bundle.preprocessing.clip) / 127
        var seen = Set<Int>()
        var settled = Array(repeating: 0, count: scorers.count)
        func observe(
            _ segment: ReplaySegment, _ body: (_ embedding: Span<Float>, _ patch: Span<Float>) -> Void
        ) {
            let steps = segment.samples.count / architecture.patch
            var embeddings = [Float](repeating: 0, count: steps * architecture.embedding)
            var output = embeddings.mutableSpan
            encoder.embed(segment.tapped.span, with: tail, into: &output)
            let samples = segment.samples.map { Float($0) * unit }
            for step in 0..<steps {
                body(
                    embeddings.span.extracting(step * architecture.embedding..<(step + 1) * architecture.embedding),
                    samples.span.extracting(step * architecture.patch..<(step + 1) * architecture.patch))
            }
        }
        let usable = segments.filter { scorers.indices.contains($0.channel) }
        for (index, segment) in usable.enumerated() where index % 2 == 0 {
            if seen.insert(segment.channel).inserted { learner.scorers[segment.channel].forgetEmbeddings() }
            observe(segment) { learner.scorers[segment.channel].relearn(embedding: $0, patch: $1) }
        }
        for channel in seen { learner.pool.forgetEmbeddings(ofChannel: channel) }
        for (index, segment) in usable.enumerated() where index % 2 == 1 && seen.contains(segment.channel) {
            // A segment is shorter than what means look back over, so each follows the one before as if they were neighbours.
            let channel = segment.channel
            observe(segment) { embedding, patch in
                let scores = learner.scorers[channel].score(embedding: embedding, patch: patch, distance: 0)
                learner.pool.recalibrateEmbeddings(
                    ofChannel: channel, scores, isSettled: settled[channel] >= Self.settlingSteps)
                settled[channel] += 1
            }
        }
        for channel in seen { learner.scorers[channel].breakOff() }
        return learner
    }
}
