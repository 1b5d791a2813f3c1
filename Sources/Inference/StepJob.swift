/// One call of `step`, cut into chunks of rows: what each of its workers needs to know. The pointers are valid while
/// the call lasts.
struct StepJob {
    let lanes: UnsafeMutablePointer<LaneState>
    let due: UnsafePointer<Int>  // (rows)
    let patches: UnsafePointer<Float>  // (rows, in·p)
    let target: ForwardPass.Target  // (rows, E)
    /// Where the frames go that the last block reads.
    let tapped: UnsafeMutablePointer<Int8>?  // (rows, k, C)
    let rows: Int
    let rowsPerChunk: Int

    var chunks: Int { (rows + rowsPerChunk - 1) / rowsPerChunk }
}

/// What an encoder's workers share: the job of the moment, and a pass for each of them.
///
/// `@unchecked Sendable`: the encoder's owner sets `job` between two jobs only, and the pool hands it on; worker n alone
/// uses pass n; no lane stands in two chunks.
final class StepWork: @unchecked Sendable {
    let layout: LaneStateLayout
    var job: StepJob?
    private let passes: [ForwardPass]

    init(_ network: PackedNetwork, workers: Int, chunkLimit: Int) {
        layout = LaneStateLayout(network.architecture)
        passes = (0..<workers).map { _ in ForwardPass(network, capacity: chunkLimit) }
    }

    func run(worker: Int, chunk: Int) {
        guard let job else { return }
        let first = chunk * job.rowsPerChunk
        passes[worker].step(job, rows: first..<min(first + job.rowsPerChunk, job.rows), layout: layout)
    }
}

extension ForwardPass {
    /// One step of the lanes of these rows of the job.
    func step(_ job: StepJob, rows: Range<Int>, layout: LaneStateLayout) {
        let due = job.due + rows.lowerBound
        point(at: job.lanes, due: due, count: rows.count, layout: layout)
        let embedding = rows.lowerBound * network.architecture.embedding
        let target: Target =
            switch job.target {
            case .values(let values): .values(values + embedding)
            case .bytes(let bytes): .bytes(bytes + embedding)
            }
        run(
            rows: rows.count, patches: job.patches + rows.lowerBound * network.architecture.patchValues,
            keepsPast: true, into: target,
            tapped: job.tapped.map { $0 + rows.lowerBound * network.architecture.tapBytes })
        for row in 0..<rows.count {
            let position = job.lanes[due[row]].position + 1
            job.lanes[due[row]].position = position == layout.period ? 0 : position
        }
    }

    /// Points the past taps of every block into the rings of the lanes.
    private func point(
        at lanes: UnsafeMutablePointer<LaneState>, due: UnsafePointer<Int>, count: Int, layout: LaneStateLayout
    ) {
        let (channels, taps) = (layout.channels, layout.pastTaps + 1)
        for row in 0..<count { slots[row] = lanes[due[row]].position }
        // A ring is half as long as the next one, so from the last to the first no division is needed.
        for back in 1...layout.rings.count {
            let index = layout.rings.count - back
            let ring = layout.rings[index]
            var frames = self.taps + index * capacity * taps
            for row in 0..<count {
                var slot = slots[row]
                if slot >= ring.slots { slot -= ring.slots }
                slots[row] = slot
                let past = UnsafePointer(lanes[due[row]].rings! + ring.offset)
                for tap in 0..<taps - 1 {
                    frames[tap] = past + slot * channels
                    slot += ring.dilation
                    if slot >= ring.slots { slot -= ring.slots }
                }
                frames += taps
            }
        }
    }
}
