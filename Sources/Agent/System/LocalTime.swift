import SedgeCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Day and minute by the gateway's time zone, as maintenance windows count.
struct LocalTime: Equatable {
    /// 0 = Sunday.
    let weekday: Int
    /// Minute of the day.
    let minute: Int

    init(weekday: Int, minute: Int) {
        self.weekday = weekday
        self.minute = minute
    }

    init(at time: Timestamp) {
        var seconds = time_t(time.milliseconds / 1000)
        var parts = tm()
        localtime_r(&seconds, &parts)
        weekday = Int(parts.tm_wday)
        minute = Int(parts.tm_hour) * 60 + Int(parts.tm_min)
    }
}
