extension StreamingEncoder {
    /// Measures what a helper's wake-up and a row cost on this machine, and makes a share of a batch so large that it
    /// repays the wake-up twice: what is smaller stays on the calling thread. To be called once, before the first step.
    ///
    /// A share is never more than a chunk: on a machine that is busy for the moment a wake-up may seem to take
    /// milliseconds, and a helper that comes late costs next to nothing.
    /// - Parameter now: nanoseconds of a clock that never goes back.
    package func tune(now: () -> Int64) {
        guard threads > 1 else { return }
        let rows = 16
        let encoder = WindowEncoder(network, steps: rows)
        let window = [Float](repeating: 0, count: rows * architecture.patchValues)
        var embeddings = [Float](repeating: 0, count: rows * architecture.embedding)
        var output = embeddings.mutableSpan
        let pass = Self.time(now) { encoder.embed(window: window.span, into: &output) }
        let wakeUp = Self.time(now) { wakeOneHelper() }
        minimumShare = min(Self.chunkLimit, max(1, Int(2 * wakeUp * Int64(rows) / max(pass, 1))))
    }

    /// Nanoseconds: the lower quartile, since what others take of the machine is no cost of ours.
    private static func time(_ now: () -> Int64, _ body: () -> Void) -> Int64 {
        var times: [Int64] = []
        for _ in 0..<15 {
            let start = now()
            body()
            times.append(now() - start)
        }
        return times.sorted()[times.count / 4]
    }
}
