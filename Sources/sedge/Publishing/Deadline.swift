import SedgeCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Sleeps until absolute times on the monotonic clock.
enum Deadline {
    /// Returns at the time, given in nanoseconds, or as soon as an interruption is requested.
    static func sleep(until nanoseconds: Int64) {
        while !Interruption.isRequested {
            let now = SystemTime.monotonicNanoseconds()
            guard now < nanoseconds else { return }
            // A signal that comes between the check above and the call would be slept through: at most this long.
            let step = min(nanoseconds, now + 200_000_000)
            var time = timespec(tv_sec: Int(step / 1_000_000_000), tv_nsec: Int(step % 1_000_000_000))
            clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, nil)
        }
    }
}
