/// The layout of one lane's state: a ring of past int8 frames per block, one after the other.
///
/// Block i reads frames as old as (k − 1)·2^i steps, so its ring has that many slots: the slot that step t is about
/// to overwrite, t mod slots, is the oldest frame that step t reads.
struct LaneStateLayout {
    /// The ring of one block.
    struct Ring {
        /// Where it begins, in bytes.
        let offset: Int
        let slots: Int
        /// Slots between two taps.
        let dilation: Int
    }

    /// Each is twice as long as the one before.
    let rings: [Ring]
    /// Bytes of all rings.
    let byteCount: Int
    /// C: bytes of a slot.
    let channels: Int
    /// k − 1: taps that read a ring; the last one reads the present.
    let pastTaps: Int

    init(_ architecture: TCNArchitecture) {
        var rings: [Ring] = []
        var end = 0
        for index in 0..<architecture.blocks {
            let slots = architecture.history(ofBlock: index)
            rings.append(Ring(offset: end, slots: slots, dilation: architecture.dilation(ofBlock: index)))
            end += slots * architecture.channels
        }
        self.rings = rings
        byteCount = end
        channels = architecture.channels
        pastTaps = architecture.kernel - 1
    }

    /// Steps after which every ring stands where it stood: the last ring is a multiple of all others.
    var period: Int { rings[rings.count - 1].slots }
}
