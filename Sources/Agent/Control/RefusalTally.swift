import Control
import SedgeCore
import Store

/// Which refusals stand alone in the audit log and which are counted there, so that none is missing from it and a
/// flood wears no flash out. Pure: time comes in, in nanoseconds on a clock that never jumps.
///
/// A hundred an hour stand alone. What comes beyond, and what comes again, is counted by subject, target, key and cause,
/// an entry an hour each, whose count is written over once a minute and at the end. Whoever invents keys can make
/// only so many entries: the rest of the hour is counted without a key.
struct RefusalTally {
    private struct Kind: Hashable {
        let hour: Int
        let subject: ControlSubject
        let scope: EnvelopeScope
        let key: KeyID?
        let cause: String
    }

    private struct Counted {
        var entry: AuditEntry
        /// Where it stands in the log.
        var row: Int64?
        var isWritten = false
    }

    /// Refusals of an hour that stand alone.
    static let alone = 100
    /// Kinds of an hour that are told apart by their key.
    static let kinds = 64
    private static let hourLength: Int64 = 3_600_000_000_000
    private static let interval: Int64 = 60_000_000_000

    private var counted: [Kind: Counted] = [:]
    private var hour = (number: 0, begin: Int64.min / 2, refusals: 0)
    private var lastWritten = Int64.min / 2

    enum Place {
        case alone
        /// The first of the hour that does not stand alone.
        case firstCounted
        case counted
    }

    /// A refusal: where it belongs. What is counted is to be given to `count`.
    mutating func place(_ now: Int64) -> Place {
        turn(now)
        hour.refusals += 1
        return hour.refusals <= Self.alone ? .alone : hour.refusals == Self.alone + 1 ? .firstCounted : .counted
    }

    /// Returns whether it is the first of its kind within the hour.
    @discardableResult
    mutating func count(
        _ note: ControlNode.AuditNote, _ messages: Int64 = 1, at time: Timestamp, _ now: Int64
    ) -> Bool {
        turn(now)
        let cause = note.refusal?.cause ?? "accepted"
        let isKnown = { [counted] in counted[$0] != nil }
        var kind = Kind(
            hour: hour.number, subject: note.subject, scope: note.scope, key: note.header?.key, cause: cause)
        if kind.key != nil, !isKnown(kind), counted.count >= Self.kinds {
            kind = Kind(
                hour: hour.number, subject: note.subject, scope: note.scope, key: nil,
                cause: "\(cause); of several keys")
        }
        let isFirst = !isKnown(kind)
        let fresh = AuditEntry(
            at: time, subject: kind.subject.rawValue, target: "\(kind.scope)", key: kind.key.map { "\($0)" },
            accepted: false, reason: kind.cause, count: 0, since: time)
        counted[kind, default: Counted(entry: fresh)].entry.count += messages
        counted[kind]?.entry.at = time
        counted[kind]?.isWritten = false
        return isFirst
    }

    /// A new hour begins: what is written of the last one needs no memory any more.
    private mutating func turn(_ now: Int64) {
        guard now - hour.begin >= Self.hourLength else { return }
        hour = (hour.number + 1, now, 0)
        forgetFormerHours()
    }

    private mutating func forgetFormerHours() {
        let number = hour.number
        counted = counted.filter { $0.key.hour == number || !$0.value.isWritten }
    }

    // MARK: On its way to the log

    /// Whether it is time to write.
    func isDue(_ now: Int64) -> Bool {
        now - lastWritten >= Self.interval && counted.values.contains { !$0.isWritten }
    }

    /// Entries whose count is not in the log yet, oldest first, with the row that they have there.
    var unwritten: [(row: Int64?, entry: AuditEntry)] {
        unwrittenKinds.compactMap { kind in counted[kind].map { ($0.row, $0.entry) } }
    }

    private var unwrittenKinds: [Kind] {
        counted.filter { !$0.value.isWritten }.sorted {
            let (left, right) = ($0.value.entry, $1.value.entry)
            return (left.since ?? left.at, left.reason, left.key ?? "", left.subject, left.target)
                < (right.since ?? right.at, right.reason, right.key ?? "", right.subject, right.target)
        }.map(\.key)
    }

    /// `unwritten` stands in the log, in these rows.
    mutating func written(_ rows: [Int64], _ now: Int64) {
        for (kind, row) in zip(unwrittenKinds, rows) {
            counted[kind]?.row = row
            counted[kind]?.isWritten = true
        }
        lastWritten = now
        forgetFormerHours()
    }

    /// It could not be written: the next time is a minute away.
    mutating func putOff(_ now: Int64) { lastWritten = now }
}
