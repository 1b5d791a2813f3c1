/// The layout of one lane's state: a ring of past int8 frames per block, one after the other.
///
/// Block i reads frames as old as (k − 1)·2^i steps, so its ring has that many slots: the slot that step t is about
/// to overwrite, t mod slots, is the oldest frame that step t reads.
struct LaneStateLayout {
    /// Where the ring of each block begins, in bytes.
    let ringOffsets: [Int]
    /// Bytes of all rings.
    let ringBytes: Int
    /// Steps after which every ring stands where it stood: the ring of the last block is the longest, and a multiple
    /// of all others.
    let period: Int

    init(_ architecture: TCNArchitecture) {
        var offsets: [Int] = []
        var end = 0
        for index in 0..<architecture.blocks {
            offsets.append(end)
            end += architecture.history(ofBlock: index) * architecture.channels
        }
        ringOffsets = offsets
        ringBytes = end
        period = architecture.history(ofBlock: architecture.blocks - 1)
    }
}
