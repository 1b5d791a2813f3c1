import Control
import SedgeCore

/// Every setting that a layer changes: its default, what each layer says, and what holds in the end.
struct LayerTable {
    /// The lowest first.
    let layers: [(name: String, document: JSONDocument)]

    var text: String {
        let defaults = Self.leaves(Self.defaults)
        let own = layers.map { Self.leaves($0.document) }
        let merged = Self.leaves(layers.reduce(Self.defaults) { $0.merging($1.document) })
        let paths = Set(own.flatMap(\.keys)).sorted()
        let rows = paths.map { path in
            [path, defaults[path] ?? "–"] + own.map { $0[path] ?? "·" } + [merged[path] ?? defaults[path] ?? "–"]
        }
        let names = layers.map { $0.name.split(separator: "/").last.map(String.init) ?? $0.name }
        let table = TextTable(
            header: ["key", "default"] + names + ["holds"], leading: layers.count + 3, rows: rows)
        return table.text
    }

    /// What holds when nobody says anything.
    static var defaults: JSONDocument {
        let empty = try? Configuration(json: Array(#"{"node":"-"}"#.utf8))
        guard let json = empty?.json(), case .object(var members)? = try? JSONParser.parse(json[...]) else {
            return .object([:])
        }
        members["node"] = nil
        return .object(members)
    }

    /// Every value below, by its dotted path; an array is one value.
    static func leaves(_ document: JSONDocument, _ path: String = "") -> [String: String] {
        guard case .object(let members) = document, !members.isEmpty else {
            if case .array(let items) = document,
                items.contains(where: { if case .object = $0 { true } else { false } })
            {
                return [path: "\(items.count) of them"]
            }
            return [path: document == .null ? "(default)" : document.text]
        }
        var result: [String: String] = [:]
        for (key, member) in members {
            result.merge(leaves(member, path.isEmpty ? key : "\(path).\(key)")) { $1 }
        }
        return result
    }
}
