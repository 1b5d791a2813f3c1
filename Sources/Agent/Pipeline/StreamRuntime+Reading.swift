import Ingest
import Preprocessing
import SedgeCore

extension StreamRuntime {
    /// Reads a payload and gives its rows to the preprocessor; calls `runSteps` before a row that would come ahead of a
    /// step that is due. What a step says decides what the normalisers learn from the next row, so that answers would
    /// depend on how many messages were read at once.
    ///
    /// - Returns: the event time of the newest row; nil when the payload brought nothing newer.
    func read(
        _ payload: UnsafeRawBufferPointer, arrival: Timestamp, isRetained: Bool, learns: Bool, runSteps: () -> Void
    ) throws(PayloadError) -> Timestamp? {
        rows.removeAll()
        try codec.decode(payload, into: &rows)
        let count = rows.count
        decodeCounters.recordPayload(rows: count, unusableValues: rows.unusableValues)
        let timed = rows.times.count { $0 != SampleRows.absentTime }
        // What the broker retained was measured at some time before; without its own time nobody knows when.
        if count == 0 || (isRetained && timed == 0) { return nil }
        // A broker sends again what it retains, with every subscription: that is no sign of life.
        if isRetained, let known = preprocessor.newestTime,
            rows.times.allSatisfy({ $0 == SampleRows.absentTime || $0 <= known.microseconds })
        {
            return nil
        }
        // One time for many rows is the newest one's; the preprocessor, which knows the stream's pace, spreads them.
        let common = timed <= 1 && count > 1
        let before = (preprocessor.newestTime, preprocessor.counters.clockJumps)
        if timed > 0 { rows.resolveTimes(arrival: arrival, interval: 0) }
        // A time from the future is not believed.
        let latest = arrival + Int64(preprocessor.settings.futureTolerance * 1e6)
        func believed(_ time: Timestamp) -> Timestamp { time > latest ? arrival : time }
        for row in 0..<count {
            let time = timed == 0 ? nil : Timestamp(microseconds: rows.times[row])
            if preprocessor.hasStep { runSteps() }
            let isMuted = isMuted(at: time.map(believed) ?? arrival)
            preprocessor.learns = learns && !isMuted
            preprocessor.watchesSensors = !isMuted
            preprocessor.append(
                time: time, arrival: arrival, values: rows.values.span.extracting(rows.range(of: row)),
                row: common ? row : 0, of: common ? count : 1)
        }
        // A source whose clock stands still sends what is known: no sample, and no sign of life.
        if timed > 0, before == (preprocessor.newestTime, preprocessor.counters.clockJumps) { return nil }
        return timed == 0 ? arrival : believed(Timestamp(microseconds: rows.times[count - 1]))
    }
}

extension SampleRows {
    /// Where a row's values lie.
    fileprivate func range(of row: Int) -> Range<Int> { row * channels..<(row + 1) * channels }
}
