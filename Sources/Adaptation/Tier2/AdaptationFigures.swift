/// What a decision about an adaptation rests on.
package struct AdaptationFigures: Sendable, Equatable {
    /// Pretext loss on held-out replay, freshly fitted heads, of the present tail and of the candidate; and the part of
    /// it that predictions have.
    package var lossBefore = 0.0
    package var lossAfter = 0.0
    package var predictionBefore = 0.0
    package var predictionAfter = 0.0
    /// Share of the samples' variance that the present embedding explains.
    package var explained = 0.0
    /// Rank correlation of anomaly scores before and after, on held-out replay.
    package var stability = 0.0
    /// How far the weights have gone from the bundle's, as a share of their norm.
    package var change = 0.0
    /// Segments of replay, labelled ones among them, and steps of training.
    package var segments = 0
    package var labelled = 0
    package var steps = 0
    /// Balanced accuracy on held-out labels.
    package var accuracyBefore: Double?
    package var accuracyAfter: Double?
    /// While adapted and frozen scores stood side by side: steps, alarms of each, and how uneven their p-values were.
    package var watched = 0
    package var alarms = 0
    package var alarmsFrozen = 0
    package var unevenness = 0.0
    package var unevennessFrozen = 0.0

    package init() {}

    /// By the names that an insight gives them.
    package var named: [String: Double] {
        // Of a round in an earlier run nothing is known but what came of it.
        var values: [String: Double] =
            segments == 0
            ? [:]
            : [
                "loss_before": lossBefore, "loss_after": lossAfter, "prediction_before": predictionBefore,
                "prediction_after": predictionAfter, "explained": explained, "stability": stability,
                "change": change, "segments": Double(segments), "labelled": Double(labelled), "steps": Double(steps),
            ]
        values["accuracy_before"] = accuracyBefore
        values["accuracy_after"] = accuracyAfter
        guard watched > 0 else { return values }
        values["watched"] = Double(watched)
        values["alarms"] = Double(alarms)
        values["alarms_frozen"] = Double(alarmsFrozen)
        values["unevenness"] = unevenness
        values["unevenness_frozen"] = unevennessFrozen
        return values
    }
}

/// What became of an adaptation.
package struct AdaptationDecision: Sendable, Equatable {
    package enum Outcome: String, Sendable {
        /// The adapted scores are shown from now on.
        case accepted
        /// It was tried, and nothing has changed.
        case refused
        /// It was in use, and is no more.
        case reverted
    }

    /// Why.
    package enum Reason: String, Sendable {
        /// The held-out pretext loss fell by enough, and nothing else got worse.
        case better
        /// It did not fall by enough, or predictions got worse.
        case noBetter = "no-better"
        /// The replay makes no sense: its activations say nothing about its samples.
        case noSense = "no-sense"
        /// The labels can not be told apart, or worse than before.
        case labels
        /// The order of anomaly scores changed too much.
        case unstable
        /// More alarms than on the frozen encoder, or p-values that are less even; or alarms that are missing.
        case alarms
        case pValues = "p-values"
        case missed
    }

    package var outcome: Outcome
    package var reason: Reason
    package var figures: AdaptationFigures

    package init(_ outcome: Outcome, _ reason: Reason, _ figures: AdaptationFigures) {
        self.outcome = outcome
        self.reason = reason
        self.figures = figures
    }
}
