/// One lane's state.
struct LaneState {
    /// The past frames, laid out as `LaneStateLayout` says; nil when the lane was removed. The encoder frees it.
    var rings: UnsafeMutablePointer<Int8>?
    /// Steps taken, modulo the layout's period.
    var position = 0
    /// The last call of `step` that served this lane; catches a lane named twice in one batch.
    var lastCall: UInt64 = 0
}
