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

    /// The most memory that was resident since the last `resetPeakMemory`, in bytes; 0 where procfs is missing.
    package static func peakMemoryBytes() -> Int64 {
        guard let text = try? FileBytes.read("/proc/self/status", limit: 1 << 16) else { return 0 }
        let line = String(decoding: text, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        let kilobytes = line?.split(separator: " ").dropFirst().first.flatMap { Int64($0) }
        return (kilobytes ?? 0) * 1024
    }

    /// Makes the peak what is resident now, and returns that.
    package static func resetPeakMemory() -> Int64 {
        // A kernel that does not allow it keeps the higher peak: the figure errs on the side of too much.
        let descriptor = open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC)
        if descriptor >= 0 {
            _ = Array("5".utf8).withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            close(descriptor)
        }
        return residentBytes
    }

    /// Percent of one core since the last call.
    package mutating func cpuPercent() -> Double {
        let cpu = SystemTime.processCPUNanoseconds()
        let time = SystemTime.monotonicNanoseconds()
        defer { (lastCPU, lastTime) = (cpu, time) }
        return time > lastTime ? 100 * Double(cpu - lastCPU) / Double(time - lastTime) : 0
    }
}
