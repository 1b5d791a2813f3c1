#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The machine's clocks. Only drivers read them; logic gets times as arguments.
package enum SystemTime {
    /// Wall-clock time.
    package static func now() -> Timestamp { Timestamp(microseconds: read(CLOCK_REALTIME) / 1000) }

    /// Nanoseconds on the clock that never jumps.
    package static func monotonicNanoseconds() -> Int64 { read(CLOCK_MONOTONIC) }

    /// CPU time that this process has used, in nanoseconds.
    package static func processCPUNanoseconds() -> Int64 { read(CLOCK_PROCESS_CPUTIME_ID) }

    /// CPU time that this thread has used, in nanoseconds.
    package static func threadCPUNanoseconds() -> Int64 { read(CLOCK_THREAD_CPUTIME_ID) }

    private static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
