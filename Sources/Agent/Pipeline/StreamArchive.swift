import SedgeCore

/// What was learned of streams that left or changed: a configuration that is taken back finds it again.
///
/// Kept in memory for an hour, under all that it depends on.
struct StreamArchive {
    private struct Key: Hashable {
        let stream: StreamID
        let model: String
        let shape: String
    }

    private struct Entry {
        let parts: [String: [UInt8]]
        let time: Int64
    }

    private static let lifetime: Int64 = 3600 * 1_000_000_000
    private static let limit = 512
    private var entries: [Key: Entry] = [:]

    /// `now` in nanoseconds on a clock that never jumps.
    mutating func put(_ parts: [String: [UInt8]], of stream: StreamID, model: String, shape: String, now: Int64) {
        forgetOld(now)
        guard entries.count < Self.limit else { return }
        entries[Key(stream: stream, model: model, shape: shape)] = Entry(parts: parts, time: now)
    }

    /// Its parts, as in its checkpoint.
    mutating func take(_ stream: StreamID, model: String, shape: String) -> [String: [UInt8]]? {
        entries.removeValue(forKey: Key(stream: stream, model: model, shape: shape))?.parts
    }

    mutating func forgetOld(_ now: Int64) { entries = entries.filter { now - $0.value.time < Self.lifetime } }
}
