extension Recording {
    /// Without the rows that have no value in any channel, and how many those were.
    consuming func droppingEmptyRows() -> (recording: Recording, dropped: Int) {
        let kept = (0..<rowCount).filter { row in columns.contains { $0[row].isFinite } }
        let dropped = rowCount - kept.count
        guard dropped > 0 else { return (self, 0) }
        columns = columns.map { column in kept.map { column[$0] } }
        labelColumns = labelColumns.map { column in kept.map { column[$0] } }
        times = times.map { times in kept.map { times[$0] } }
        rowCount = kept.count
        return (self, dropped)
    }
}
