extension AdaptationFigures {
    /// Points by which labels are read better, or worse, for it to count.
    private static let labelMargin = 0.02
    /// The factor by which mean anomaly scores of held-out replay may rise.
    private static let noveltyLimit = 1.5

    /// What speaks against a candidate that was read as the present tail was; nil: it may be tried out.
    ///
    /// A figure that is no number speaks against it.
    ///
    /// - Parameter novelty: mean anomaly score of held-out replay, of the present tail and of the candidate; 1 on what
    ///   the scorer learned from.
    func objection(
        _ settings: Tier2Settings, novelty: (before: Double, after: Double)
    ) -> AdaptationDecision.Reason? {
        let gained = accuracyBefore.flatMap { before in accuracyAfter.map { $0 - before } } ?? 0
        let tolerance = gained >= Self.labelMargin ? settings.labelledTolerance : settings.predictionTolerance
        guard lossAfter <= (1 - settings.margin) * lossBefore,
            predictionAfter <= (1 + tolerance) * predictionBefore
        else { return .noBetter }
        guard gained >= -Self.labelMargin else { return .labels }
        guard stability >= settings.leastStability, novelty.after <= Self.noveltyLimit * max(1, novelty.before) else {
            return .unstable
        }
        return nil
    }
}
