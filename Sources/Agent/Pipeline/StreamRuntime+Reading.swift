import Ingest
import Preprocessing
import SedgeCore

extension StreamRuntime {
    /// Reads a payload and gives its rows to the preprocessor; calls `runSteps` before a row that would come ahead of a
    /// step that is due. What a step says decides what the normalisers learn from the next row, so that answers would
    /// depend on how many messages were read at once.
    ///
    /// - Returns: the event time of the newest row; nil when the payload was left out.
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
        if timed > 0 { rows.resolveTimes(arrival: arrival, interval: 0) }
        for row in 0..<count {
            let time = timed == 0 ? nil : Timestamp(microseconds: rows.times[row])
            if preprocessor.hasStep { runSteps() }
            preprocessor.learns = learns && !isMuted(at: time ?? arrival)
            preprocessor.append(
                time: time, arrival: arrival, values: rows.values.span.extracting(rows.range(of: row)),
                row: common ? row : 0, of: common ? count : 1)
        }
        // A time from the future was not believed.
        let newest = timed == 0 ? arrival : Timestamp(microseconds: rows.times[count - 1])
        let limit = arrival + Int64(preprocessor.settings.futureTolerance * 1e6)
        return newest > limit ? arrival : newest
    }
}

extension SampleRows {
    /// Where a row's values lie.
    fileprivate func range(of row: Int) -> Range<Int> { row * channels..<(row + 1) * channels }
}
