import CBLAS

/// How the process treats memory while it trains.
package enum TrainingMemory {
    /// Keeps freed memory. The activations of a step are freed and wanted again at once; giving their pages back to
    /// the kernel in between took a quarter of a run's time.
    package static func keepFreed() {
        #if canImport(Glibc)
            mallopt(M_MMAP_THRESHOLD, 1 << 30)
            mallopt(M_TRIM_THRESHOLD, Int32.max)
        #endif
    }
}
