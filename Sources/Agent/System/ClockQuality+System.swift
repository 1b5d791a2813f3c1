import SedgeCore

extension ClockQuality {
    /// 2026: before this software was made. A box without a battery wakes up in 1970, or at its firmware's build.
    static let earliest = Timestamp(milliseconds: 1_767_225_600_000)

    /// Whether the wall clock can be trusted: set after this software was made, and synchronised where systemd tells.
    static func ofSystem(now: Timestamp) -> ClockQuality {
        guard now > earliest else { return .unsynced }
        let isManaged = FileBytes.exists("/run/systemd/timesync")
        return !isManaged || FileBytes.exists("/run/systemd/timesync/synchronized") ? .synced : .unsynced
    }
}
