import SedgeCore

/// Writes a row of a stream as `{"ts":1700000000000,"vibration":0.12}` into a buffer that is used again and again.
///
/// A value that is missing (NaN) or that JSON can not express (infinity) is left out.
struct SampleJSON {
    /// `,"name":` of each channel.
    private let keys: [[UInt8]]
    private(set) var bytes: [UInt8] = []

    init(channels: [String]) {
        // The encoder escapes what needs it in a name.
        keys = channels.map { [UInt8(ascii: ",")] + PayloadJSON.encode($0) + [UInt8(ascii: ":")] }
        bytes.reserveCapacity(32 + keys.reduce(0) { $0 + $1.count + 24 })
    }

    /// Replaces `bytes`; false, when no channel has a value.
    mutating func write(ts: Timestamp, _ value: (Int) -> Double) -> Bool {
        bytes.removeAll(keepingCapacity: true)
        bytes.append(contentsOf: #"{"ts":"#.utf8)
        bytes.append(contentsOf: ts.milliseconds.description.utf8)
        let empty = bytes.count
        for index in keys.indices {
            let value = value(index)
            guard value.isFinite else { continue }
            bytes.append(contentsOf: keys[index])
            append(value)
        }
        defer { bytes.append(UInt8(ascii: "}")) }
        return bytes.count > empty
    }

    /// The shortest decimal that reads back as the same number; whole numbers without a fraction.
    private mutating func append(_ value: Double) {
        if let whole = Int64(exactly: value), whole.magnitude < 1 << 53 {
            bytes.append(contentsOf: whole.description.utf8)
        } else {
            bytes.append(contentsOf: value.description.utf8)
        }
    }
}
