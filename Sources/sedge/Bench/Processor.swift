import SedgeCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What this machine calls itself.
enum Processor {
    /// Cores that are switched on.
    static var cores: Int { ProcessorCount.online }

    /// Nanoseconds for which this thread had a core.
    static func threadNanoseconds() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// `model name` of /proc/cpuinfo, else the board's name, which is what ARM machines have.
    static var name: String {
        let info = (try? FileBytes.read("/proc/cpuinfo", limit: 1 << 20)).map { String(decoding: $0, as: UTF8.self) }
        for line in info?.split(separator: "\n") ?? [] where line.hasPrefix("model name") {
            guard let colon = line.firstIndex(of: ":") else { continue }
            return String(line[line.index(after: colon)...].drop { $0 == " " })
        }
        let board = try? FileBytes.read("/sys/firmware/devicetree/base/model", limit: 1 << 12)
        return board.map { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) } ?? "unknown processor"
    }
}
