import Adaptation
import SedgeCore

/// Tier 2's part of one stream: what is recorded of it, and its adapted scorer where it has one.
struct StreamTier2 {
    var recorder: ReplayRecorder
    var scorer: AdaptedScorer?
    /// Steps until the next round.
    var wait: Int
    /// What `wait` is multiplied by after rounds that came to nothing.
    var patience = 1
    /// Segments that came since the last round.
    var fresh = 0
}
