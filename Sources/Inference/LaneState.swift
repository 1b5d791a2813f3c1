/// One lane's state. `rings` is owned by the encoder, which frees it.
struct LaneState {
    let rings: UnsafeMutablePointer<Int8>
    /// Steps taken, modulo the layout's period.
    var position = 0
    /// The last call of `step` that served this lane; catches a lane named twice in one batch.
    var lastCall: UInt64 = 0
}
