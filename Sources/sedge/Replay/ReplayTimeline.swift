import SedgeCore

/// Lays recordings onto one timeline and says which row comes when: a pure sequence in the order of time.
///
/// Recordings of different streams begin together, those of one stream follow each other. A row that is older than
/// one before it is due with that one: it comes late, as it did when it was recorded.
struct ReplayTimeline: Sequence, IteratorProtocol {
    struct Entry: Equatable {
        let recording: Int
        let row: Int
        /// Microseconds on the timeline at which it is due.
        let due: Int64
        /// Microseconds from the recording's first row as it was written, plus the recording's place on the timeline.
        let offset: Int64
        /// How often everything has been played before.
        let pass: Int
    }

    /// One recording's rows.
    struct Track: Equatable, Sendable {
        /// Index of the stream it belongs to.
        let stream: Int
        /// Microseconds from its first row, as written; not always in order.
        let offsets: [Int64]
        /// Where it begins on the timeline.
        fileprivate(set) var begin: Int64 = 0

        init(stream: Int, offsets: [Int64]) {
            precondition(!offsets.isEmpty, "a recording has rows")
            self.stream = stream
            self.offsets = offsets
        }

        /// From the first row to the latest.
        var length: Int64 { Swift.max(0, offsets.max() ?? 0) }

        /// The usual time between two rows: the median, at least a microsecond.
        var spacing: Int64 {
            let steps = zip(offsets.dropFirst(), offsets).map { $0 &- $1 }.filter { $0 > 0 }.sorted()
            return steps.isEmpty ? 1_000_000 : steps[steps.count / 2]
        }
    }

    let tracks: [Track]
    /// From the beginning of a pass to the beginning of the next.
    let passLength: Int64
    let loops: Bool
    private var pass = 0
    private var rows: [Int]
    /// The due time of each track's next row.
    private var dues: [Int64]

    init(tracks: [Track], loops: Bool = false) {
        precondition(!tracks.isEmpty, "nothing to replay")
        var placed = tracks
        var ends: [Int: Int64] = [:]
        for index in placed.indices {
            placed[index].begin = ends[placed[index].stream] ?? 0
            ends[placed[index].stream] = placed[index].begin + placed[index].length + placed[index].spacing
        }
        self.tracks = placed
        self.loops = loops
        passLength = ends.values.max() ?? 0
        rows = Array(repeating: 0, count: placed.count)
        dues = placed.map { $0.begin }
    }

    mutating func next() -> Entry? {
        var first: Int?
        for index in tracks.indices where rows[index] < tracks[index].offsets.count {
            if let current = first, dues[current] <= dues[index] { continue }
            first = index
        }
        guard let index = first else {
            guard loops else { return nil }
            pass += 1
            for index in tracks.indices {
                rows[index] = 0
                dues[index] = tracks[index].begin
            }
            return next()
        }
        let track = tracks[index]
        let row = rows[index]
        let shift = Int64(pass) * passLength
        defer {
            rows[index] = row + 1
            if row + 1 < track.offsets.count {
                dues[index] = Swift.max(dues[index], track.begin + track.offsets[row + 1])
            }
        }
        return Entry(
            recording: index, row: row, due: dues[index] + shift, offset: track.begin + track.offsets[row] + shift,
            pass: pass)
    }
}
