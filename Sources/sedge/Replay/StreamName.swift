import ArgumentParser
import SedgeCore

/// Streams' names, where they come from and where they go.
enum StreamName {
    /// `data/valve 1.csv` gives `valve-1`: the last part without its ending, runs of other characters than
    /// `[A-Za-z0-9_-]` as hyphens, 64 characters at most.
    static func fromFile(_ path: String) -> String {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        let stem = name.lastIndex(of: ".").map { $0 == name.startIndex ? name : String(name[..<$0]) } ?? name
        var text: [UInt8] = []
        for byte in stem.utf8 {
            if StreamID.isAllowed(byte) {
                text.append(byte)
            } else if let last = text.last, last != UInt8(ascii: "-") {
                text.append(UInt8(ascii: "-"))
            }
        }
        text = Array(text.prefix(64))
        while text.last == UInt8(ascii: "-") { text.removeLast() }
        return text.isEmpty ? "stream" : String(decoding: text, as: UTF8.self)
    }

    /// Replaces every `{stream}`.
    static func filled(_ pattern: String, with name: String) -> String {
        var text = ""
        var rest = pattern[...]
        while let brace = rest.firstIndex(of: "{") {
            text += rest[..<brace]
            rest = rest[brace...]
            if rest.hasPrefix("{stream}") {
                text += name
                rest = rest.dropFirst("{stream}".count)
            } else {
                text += "{"
                rest = rest.dropFirst()
            }
        }
        return text + rest
    }

    static func check(_ name: String, option: String) throws {
        do {
            _ = try StreamID(name)
        } catch {
            throw ValidationError("\(option): \(error.description)")
        }
    }
}
