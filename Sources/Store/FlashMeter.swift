import SedgeCore

/// Counts the bytes that the store writes: pages to the WAL, pages copied from it, and the side file.
///
/// The file system's own journal and the flash's write amplification come on top; no program can see them.
struct FlashMeter {
    /// Over the life of the database.
    private(set) var total: Int64
    private(set) var budget: FlashBudget
    /// Pages in the WAL that are not copied yet.
    var logPages = 0
    /// The last day on which checkpoints had to wait.
    private var deferredDay: Int64?

    init(total: Int64, budget: FlashBudget) {
        self.total = total
        self.budget = budget
    }

    mutating func setBudget(bytesPerDay: Int64) { budget.bytesPerDay = bytesPerDay }

    mutating func record(bytes: Int64, at time: Timestamp) {
        guard bytes > 0 else { return }
        total &+= bytes
        budget.record(bytes: bytes, at: time)
    }

    /// Notes that checkpoints have to wait. Whether it is the first of the day.
    mutating func noteDeferral(at time: Timestamp) -> Bool {
        defer { deferredDay = FlashBudget.day(of: time) }
        return deferredDay != FlashBudget.day(of: time)
    }
}
