import SedgeCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What this process takes from the machine.
package struct ProcessUsage {
    private var lastCPU = SystemTime.processCPUNanoseconds()
    private var lastTime = SystemTime.monotonicNanoseconds()

    package init() {}

    /// Resident memory in bytes; 0 where procfs is missing.
    package static var residentBytes: Int64 {
        guard let text = try? FileBytes.read("/proc/self/statm", limit: 4096) else { return 0 }
        let fields = String(decoding: text, as: UTF8.self).split(separator: " ")
        return fields.count > 1 ? (Int64(fields[1]) ?? 0) * Int64(sysconf(Int32(_SC_PAGESIZE))) : 0
    }

    /// Percent of one core since the last call.
    package mutating func cpuPercent() -> Double {
        let cpu = SystemTime.processCPUNanoseconds()
        let time = SystemTime.monotonicNanoseconds()
        defer { (lastCPU, lastTime) = (cpu, time) }
        return time > lastTime ? 100 * Double(cpu - lastCPU) / Double(time - lastTime) : 0
    }
}
