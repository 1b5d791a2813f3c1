import SedgeCore

/// What must never go back, even when the database is lost or an older one is put in its place.
struct Floor: Codable, Equatable {
    /// Format of the file.
    var v = 1
    var node: String
    /// The highest sequence number that was given.
    var seq: Int64
    /// Highest accepted version of what the node is sent, by name.
    var versions: [String: Int64] = [:]

    /// The higher of each.
    func merged(with other: Floor) -> Floor {
        var result = self
        result.seq = max(seq, other.seq)
        result.versions.merge(other.versions, uniquingKeysWith: max)
        return result
    }
}

/// The small second file, `<path>.floor`: a line of JSON and a line with its CRC-32.
///
/// It is replaced in two steps around the database's commit: `stage` does all that can fail for want of space,
/// `publish` is one rename. So a full disk stops the commit and not what follows it.
struct FloorFile {
    let path: String
    private var staged: String { "\(path).new" }

    init(database: String) { path = "\(database).floor" }

    enum Content: Equatable {
        case absent
        case damaged
        case floor(Floor)
    }

    func load() throws(StoreError) -> Content {
        guard let bytes = try FileSystem.read(path, atMost: 65_536) else { return .absent }
        let lines = bytes.split(separator: UInt8(ascii: "\n"))
        guard lines.count == 2, lines[1].elementsEqual(Self.seal(lines[0]).utf8),
            let floor = try? PayloadJSON.decode(Floor.self, from: Array(lines[0])), floor.v == 1
        else { return .damaged }
        return .floor(floor)
    }

    /// Writes the new content beside the old; returns the bytes that took on the disk.
    func stage(_ floor: Floor) throws(StoreError) -> Int64 {
        let line = PayloadJSON.encode(floor)
        let bytes = line + Array("\n\(Self.seal(line))\n".utf8)
        try FileSystem.writeDurably(bytes, to: staged)
        // A file takes whole blocks.
        return Int64((bytes.count + 4095) / 4096 * 4096)
    }

    func publish() throws(StoreError) {
        try FileSystem.move(staged, to: path)
        try FileSystem.syncFolder(of: path)
    }

    func discard() { FileSystem.remove(staged) }

    private static func seal(_ line: some Sequence<UInt8>) -> String {
        "crc32 \(String(CRC32.checksum(line), radix: 16))"
    }
}
