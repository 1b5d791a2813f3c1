import SedgeCore

/// What the wall clock says, and whether somebody sets it.
struct ClockObservation: Equatable, Sendable {
    enum Synchronisation: Equatable, Sendable {
        case synchronised, unsynchronised
        /// No systemd-timesyncd here; something else may set the clock.
        case unknown
    }

    let now: Timestamp
    let synchronisation: Synchronisation

    /// 2026-01-01: this software is younger than that.
    private static let earliest = Timestamp(milliseconds: 1_767_225_600_000)

    var findings: [Finding] {
        let time = UTCText.of(now)
        guard now >= Self.earliest else {
            return [
                .fail(
                    .clock, nil, .configuration, "the clock says \(time), which is in the past",
                    advice: "Set it (timedatectl set-ntp true), or check the real-time clock's battery. "
                        + "TLS fails and insights are marked unsynced until then.")
            ]
        }
        switch synchronisation {
        case .synchronised: return [.ok(.clock, nil, "\(time), synchronised")]
        case .unknown:
            return [
                .ok(.clock, nil, "\(time); systemd-timesyncd does not run here, so whether it is right is not known")
            ]
        case .unsynchronised:
            return [
                .warn(
                    .clock, nil, "\(time), not synchronised: insights are marked unsynced",
                    advice: "Check the network's way to a time server: timedatectl timesync-status.")
            ]
        }
    }
}
