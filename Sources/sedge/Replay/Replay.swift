import SedgeCore

/// Plays recordings into a sink.
struct Replay {
    /// A recording and what it is published as.
    struct Source {
        /// Every row of it has a value.
        let recording: Recording
        let stream: String
        let topic: String
    }

    private struct Channel {
        let source: Source
        /// Event time of the first row as written.
        let origin: Timestamp
        var json: SampleJSON
    }

    private var channels: [Channel]
    private let timeline: ReplayTimeline
    private let pace: Pace
    private let times: ReplayTimes
    private let limit: Int?
    /// What was published and is known about it, by stream.
    private(set) var labelFiles: [String: LabelFile] = [:]

    /// - Parameters:
    ///   - interval: seconds between two rows of a recording without times.
    ///   - now: when such a recording begins, where times are the original ones.
    ///   - labelFile: the path for a stream's labels; nil: none are written.
    init(
        sources: [Source], pace: Pace, times: ReplayTimes, interval: Double, now: Timestamp, limit: Int? = nil,
        loops: Bool = false, labelFile: (String) -> String? = { _ in nil }
    ) {
        var streams: [String: Int] = [:]
        var tracks: [ReplayTimeline.Track] = []
        channels = []
        for source in sources {
            let recording = source.recording
            let stream = streams[source.stream] ?? streams.count
            streams[source.stream] = stream
            let origin = recording.times?.first ?? now
            let offsets =
                recording.times?.map { $0 - origin }
                ?? (0..<recording.rowCount).map { Int64((Double($0) * interval * 1e6).rounded()) }
            tracks.append(.init(stream: stream, offsets: offsets))
            channels.append(Channel(source: source, origin: origin, json: SampleJSON(channels: recording.channels)))
            if labelFiles[source.stream] == nil, let path = labelFile(source.stream) {
                labelFiles[source.stream] = LabelFile(path: path, labels: recording.labels)
            }
        }
        timeline = ReplayTimeline(tracks: tracks, loops: loops)
        self.pace = pace
        self.times = times
        self.limit = limit
    }

    var streamCount: Int { Set(channels.map(\.source.stream)).count }

    /// How many rows there are to play; nil: without end.
    var rowCount: Int? {
        let all = timeline.tracks.reduce(0) { $0 + $1.offsets.count }
        guard timeline.loops else { return min(all, limit ?? all) }
        return limit
    }

    /// Returns the number of messages handed over.
    /// - Parameters:
    ///   - began: nanoseconds of the monotonic clock, from which deadlines count.
    ///   - now: wall-clock time at `began`.
    mutating func run(
        into sink: some MessageSink, began: Int64, now: Timestamp, progress: (_ done: Int, _ now: Int64) -> Void
    ) -> Int {
        let total = rowCount ?? .max
        let start = times == .now ? Retiming.start(now: now, duration: duration, pace: pace, count: total) : nil
        var index = 0
        for entry in timeline {
            guard index < total, !Interruption.isRequested else { break }
            if let due = pace.due(offset: entry.due, index: index) {
                Deadline.sleep(until: began + due)
                if Interruption.isRequested { break }
            }
            let time = eventTime(of: entry, start: start)
            guard publish(entry, ts: time, into: sink, isLast: index == total - 1) else { break }
            index += 1
            progress(index, SystemTime.monotonicNanoseconds())
        }
        return index
    }

    /// Microseconds of event time from the first row to the last one to play; of one pass, where there is no end.
    private var duration: Int64 {
        let total = rowCount ?? .max
        var last: Int64 = 0
        for (index, entry) in timeline.enumerated() {
            if index == total || rowCount == nil && entry.pass > 0 { break }
            last = max(last, entry.offset)
        }
        return last
    }

    private func eventTime(of entry: ReplayTimeline.Entry, start: Timestamp?) -> Timestamp {
        switch times {
        case .original:
            // The place on the timeline counts for loops alone: files keep the times that they have.
            channels[entry.recording].origin
                + (entry.offset - timeline.tracks[entry.recording].begin)
        case .now: start! + entry.offset
        case .sent: SystemTime.now()
        }
    }

    private mutating func publish(
        _ entry: ReplayTimeline.Entry, ts: Timestamp, into sink: some MessageSink, isLast: Bool
    ) -> Bool {
        let source = channels[entry.recording].source
        let isSampled = channels[entry.recording].json.write(ts: ts) { source.recording.columns[$0][entry.row] }
        precondition(isSampled, "rows without values are dropped before")
        guard sink.publish(topic: source.topic, payload: channels[entry.recording].json.bytes, isLast: isLast) else {
            return false
        }
        labelFiles[source.stream]?.append(
            ts: ts, values: source.recording.labelColumns.lazy.map { $0[entry.row] })
        return true
    }
}
