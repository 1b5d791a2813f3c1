/// Puts the values of formats that speak of one series at a time (SenML, InfluxDB) together into rows: values of the
/// same time share a row.
///
/// Where a payload gives a channel twice for one time, the last counts. Values without a time share a row until one of
/// their channels comes again: then the next sample begins.
struct RowAssembler {
    /// A channel's value; NaN where there was one that can not be used.
    struct Cell {
        var channel: Int
        var value: Double
    }

    private struct Slot {
        var generation: UInt32 = 0
        var row: Int32 = 0
    }

    /// Odd, and another in each process, so that nobody can choose times that all want one slot.
    private static let multiplier = UInt64.random(in: 0...UInt64.max) | 1

    /// Rows by their time; a slot of an older generation is free.
    private var slots = [Slot](repeating: Slot(), count: 64)
    private var generation: UInt32 = 0
    private var used = 0
    private var first = 0

    /// A new payload begins, whose rows go behind those that are there.
    mutating func begin(_ rows: SampleRows) {
        first = rows.count
        used = 0
        generation &+= 1
        if generation == 0 { startOver(capacity: slots.count) }
    }

    mutating func put(_ cells: [Cell], time: Int64, into rows: inout SampleRows) throws(PayloadError) {
        let row =
            time == SampleRows.absentTime
            ? try rowWithoutTime(cells, &rows) : try self.row(at: time, &rows)
        for cell in cells { rows[row, cell.channel] = cell.value }
    }

    private func rowWithoutTime(_ cells: [Cell], _ rows: inout SampleRows) throws(PayloadError) -> Int {
        let last = rows.count - 1
        if last >= first, rows.times[last] == SampleRows.absentTime,
            cells.allSatisfy({ rows[last, $0.channel].isNaN })
        {
            return last
        }
        return try append(SampleRows.absentTime, &rows)
    }

    private mutating func row(at time: Int64, _ rows: inout SampleRows) throws(PayloadError) -> Int {
        if used * 2 >= slots.count {
            startOver(capacity: slots.count * 2)
            for row in first..<rows.count where rows.times[row] != SampleRows.absentTime {
                let slot = self.slot(of: rows.times[row], rows)
                slots[slot] = Slot(generation: generation, row: Int32(row))
            }
        }
        let slot = self.slot(of: time, rows)
        if slots[slot].generation == generation { return Int(slots[slot].row) }
        let row = try append(time, &rows)
        slots[slot] = Slot(generation: generation, row: Int32(row))
        used += 1
        return row
    }

    /// The slot of this time, or the free one that it would take.
    private func slot(of time: Int64, _ rows: SampleRows) -> Int {
        var slot = Self.hash(of: time, bits: slots.count.trailingZeroBitCount)
        while slots[slot].generation == generation, rows.times[Int(slots[slot].row)] != time {
            slot = (slot + 1) & (slots.count - 1)
        }
        return slot
    }

    /// The highest bits: times are multiples of round numbers, whose low bits say nothing. Twice, since no multiplier
    /// spreads every even spacing.
    static func hash(of time: Int64, bits: Int) -> Int {
        var hash = UInt64(bitPattern: time) &* multiplier
        hash ^= hash &>> 32
        hash = hash &* 0x9E37_79B9_7F4A_7C15
        return Int(hash &>> UInt64(64 - bits))
    }

    private func append(_ time: Int64, _ rows: inout SampleRows) throws(PayloadError) -> Int {
        guard rows.room > 0 else { throw .tooManyRows(limit: SampleRows.maximumCount) }
        rows.appendRow(time: time)
        return rows.count - 1
    }

    private mutating func startOver(capacity: Int) {
        slots = [Slot](repeating: Slot(), count: capacity)
        generation = 1
    }
}
