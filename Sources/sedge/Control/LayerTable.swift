import Control
import SedgeCore

/// Every setting that a layer changes: its default, what each layer says, and what holds in the end.
struct LayerTable {
    /// The lowest first.
    let layers: [(name: String, document: JSONDocument)]

    /// A setting: what holds when nobody says anything, what each layer says, what holds in the end; values as JSON
    /// text, nil where there is none.
    struct Row: Encodable {
        let key: String
        let fallback: String?
        let layers: [String?]
        let holds: String?

        private enum CodingKeys: String, CodingKey {
            case key
            case fallback = "default"
            case layers, holds
        }
    }

    var rows: [Row] {
        let defaults = Self.leaves(Self.defaults)
        let own = layers.map { Self.leaves($0.document) }
        let merged = Self.leaves(layers.reduce(Self.defaults) { $0.merging($1.document) })
        return Set(own.flatMap(\.keys)).sorted().map { path in
            Row(
                key: path, fallback: defaults[path], layers: own.map { $0[path] },
                holds: merged[path] ?? defaults[path])
        }
    }

    var text: String {
        let names = layers.map { $0.name.split(separator: "/").last.map(String.init) ?? $0.name }
        let table = TextTable(
            header: ["key", "default"] + names + ["holds"], leading: layers.count + 3,
            rows: rows.map { [$0.key, $0.fallback ?? "–"] + $0.layers.map { $0 ?? "·" } + [$0.holds ?? "–"] })
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
